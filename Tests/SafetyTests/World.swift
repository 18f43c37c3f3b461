/// One shadow in the world: the planner, the newest commands in the log, the stores of source and target.
///
/// Epochs are held relative to the newest command, so there are finitely many states for any number of
/// commands.
struct World: Hashable {
    /// How many of the newest commands of a shadow can still be read: compaction keeps one, and may keep more.
    static let kept: UInt8 = 3

    /// An index into the planner's states.
    var planner = 0
    /// A step that it has computed and not committed, as a place among the moves of its state, from 1 on; 0 if there
    /// is none. Lost in a crash, and seen by nobody else.
    var prepared = 0
    /// Newest first; as many as are kept.
    var log: (CommandSense, CommandSense, CommandSense) = (.none, .none, .none)

    /// The newest command that the source's store has heard: how many newer ones there are, at most `kept`, and
    /// what it says. Durable, as is all of the source's.
    var sourceLag = kept
    var sourceSense = CommandSense.none
    /// The target has, or may have, a grant to serve reads; no write is acknowledged that it has not got.
    var isGranted = false
    /// The grant is being called back.
    var isRevoking = false
    /// A write that waits for the target; not acknowledged.
    var isWriteWaiting = false
    /// Only with a planted fault: an acknowledged write is not there.
    var sourceMisses = false

    /// The same of the target's store.
    var targetLag = kept
    var targetSense = CommandSense.none
    var copy = Copy.absent
    /// It serves reads. Lost in a crash.
    var isOpen = false
    /// It has closed the newest grant for good. Durable.
    var hasClosed = false
    /// Its word on that is on its way.
    var isClosureSent = false
    /// Older grants than the newest one may still be on their way.
    var areOldGrantsSent = false

    enum Copy: UInt8 {
        case absent
        /// Some acknowledged writes are missing.
        case behind
        case whole
    }

    /// All of it in one number.
    var key: UInt64 {
        var key = UInt64(planner)
        func add(_ value: UInt8, bits: UInt64) { key = key << bits | UInt64(value) }
        add(UInt8(prepared), bits: 6)
        for sense in [log.0, log.1, log.2, sourceSense, targetSense] { add(sense.rawValue, bits: 3) }
        add(sourceLag, bits: 2)
        add(targetLag, bits: 2)
        add(copy.rawValue, bits: 2)
        for flag in [
            isGranted, isRevoking, isWriteWaiting, sourceMisses, isOpen, hasClosed, isClosureSent,
            areOldGrantsSent,
        ] { add(flag ? 1 : 0, bits: 1) }
        return key
    }

    static func == (one: World, other: World) -> Bool { one.key == other.key }
    func hash(into hasher: inout Hasher) { hasher.combine(key) }

    subscript(command: UInt8) -> CommandSense {
        command == 0 ? log.0 : command == 1 ? log.1 : log.2
    }

    /// A command is published: all that was heard is older by one.
    mutating func publish(_ sense: CommandSense) {
        log = (sense, log.0, log.1)
        sourceLag = min(sourceLag + 1, Self.kept)
        targetLag = min(targetLag + 1, Self.kept)
    }

    /// What is broken here.
    var broken: Invariant? {
        if isOpen && copy != .whole { return .readsMissNothing }
        if sourceMisses { return .sourceMissesNothing }
        return nil
    }
}
