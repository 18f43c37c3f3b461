import Contracts

/// Where a shadow is, and since when.
struct ShadowWatch: Sendable, Equatable {
    /// Which shadow.
    struct Key: Hashable, Comparable, Sendable {
        let source: PartitionIndex
        let target: PartitionIndex

        static func < (first: Key, second: Key) -> Bool {
            (first.source, first.target) < (second.source, second.target)
        }
    }

    private(set) var epoch: UInt64
    private(set) var phase: Phase
    private(set) var readShareMilli: Int64
    private(set) var isPaused: Bool
    /// End of the window in which it came there.
    private(set) var since: EventTime

    init(_ command: ShadowCommand) {
        epoch = command.epoch
        phase = command.phase
        readShareMilli = command.readShareMilli
        isPaused = command.isPaused
        since = min(max(command.windowEnd, WindowClock.near.lowerBound), WindowClock.near.upperBound)
    }

    /// Takes in a command. False if it is not newer than what is known.
    mutating func accept(_ command: ShadowCommand) -> Bool {
        guard command.epoch > epoch else { return false }
        let next = ShadowWatch(command)
        // An operator who lets it go on gives it its time again.
        let isSame = next.phase == phase && next.readShareMilli == readShareMilli && next.isPaused == isPaused
        let since = isSame ? since : next.since
        self = next
        self.since = since
        return true
    }

    var isOpen: Bool { phase != .retired }
}

/// As bytes.
extension ShadowWatch {
    func encode(into state: inout StateWriter) {
        state.write(epoch)
        state.write(phase.rawValue.utf8Span.span.bytes)
        state.write(readShareMilli)
        state.write(isPaused)
        state.write(since)
    }

    init(_ reader: inout StateReader) throws(StateFailure) {
        epoch = try reader.read()
        let name = String(decoding: try reader.readBytes(), as: UTF8.self)
        guard let phase = Phase(rawValue: name) else { throw .outOfRange("a phase '\(name)'") }
        self.phase = phase
        readShareMilli = try reader.read(in: 0...1_000, "a read share")
        isPaused = try reader.read()
        since = try reader.read(in: WindowClock.near, "a time")
    }
}
