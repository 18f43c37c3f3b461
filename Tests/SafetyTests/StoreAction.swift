/// What the stores of source and target can do, and what can happen to them and to what they send each other.
///
/// What was sent may come at any time, in any order, any number of times, or never. These are the rules of
/// docs/safety.md; a planted fault breaks one.
enum StoreAction: Int, CaseIterable {
    case sourceReadsNewest, sourceReadsSecond, sourceReadsThird
    case targetReadsNewest, targetReadsSecond, targetReadsThird
    case copyCatchesUp
    case sourceGrants, targetReceivesGrant, targetReceivesOldGrant
    case sourceRevokes, targetReceivesRevocation, sourceReceivesClosure
    case write, writeReachesSourceOnly, writeIsPassedOn
    case sourceCrashes, targetCrashes

    /// What becomes of the world; nil if it cannot happen now or changes nothing. `heardOlder` is set if an
    /// executor's epoch falls.
    func next(_ world: World, _ fault: PlantedFault?, _ heardOlder: inout Bool) -> World? {
        var next = world
        switch self {
        case .sourceReadsNewest, .sourceReadsSecond, .sourceReadsThird:
            let command = UInt8(rawValue)
            guard accepts(command, world[command], world.sourceLag, fault, &heardOlder) else { return nil }
            (next.sourceLag, next.sourceSense) = (command, world[command])
        case .targetReadsNewest, .targetReadsSecond, .targetReadsThird:
            let command = UInt8(rawValue - Self.targetReadsNewest.rawValue)
            guard accepts(command, world[command], world.targetLag, fault, &heardOlder) else { return nil }
            (next.targetLag, next.targetSense) = (command, world[command])
            if world[command] == .retired {
                (next.isOpen, next.copy) = (false, .absent)
            } else if world.copy == .absent {
                next.copy = .behind
            }
        case .copyCatchesUp:
            guard world.copy == .behind else { return nil }
            next.copy = .whole
        case .sourceGrants:
            guard world.sourceSense == .dual || world.sourceSense == .promoted, !world.isGranted else {
                return nil
            }
            (next.isGranted, next.hasClosed, next.isClosureSent) = (true, false, false)
        case .targetReceivesGrant:
            guard world.isGranted, !world.isOpen, !world.hasClosed || fault == .closedGrantAccepted else {
                return nil
            }
            guard world.copy == .whole || (fault == .opensBeforeCaughtUp && world.copy == .behind) else {
                return nil
            }
            next.isOpen = true
        case .targetReceivesOldGrant:
            // Each was closed before the next was given, so it is refused.
            guard fault == .closedGrantAccepted, world.areOldGrantsSent, world.copy == .whole else {
                return nil
            }
            next.isOpen = true
        case .sourceRevokes:
            guard world.isGranted, !world.isRevoking else { return nil }
            next.isRevoking = true
            if fault == .revocationNotAwaited { next.endGrant() }
        case .targetReceivesRevocation:
            guard world.isRevoking else { return nil }
            (next.isOpen, next.hasClosed, next.isClosureSent) = (false, true, true)
        case .sourceReceivesClosure:
            guard world.isGranted, world.isRevoking, world.isClosureSent else { return nil }
            next.endGrant()
        case .write:
            guard !world.isWriteWaiting else { return nil }
            if !world.isGranted, world.copy == .whole { next.copy = .behind }
            if fault == .promotedWritesOnlyToTarget, world.isGranted, world.sourceSense == .promoted {
                next.sourceMisses = true
            }
        case .writeReachesSourceOnly:
            guard world.isGranted, !world.isWriteWaiting else { return nil }
            next.isWriteWaiting = true
        case .writeIsPassedOn:
            guard world.isWriteWaiting, world.copy != .absent else { return nil }
            next.isWriteWaiting = false
        case .sourceCrashes:
            guard fault == .grantForgottenAtCrash, world.isGranted else { return nil }
            next.endGrant()
        case .targetCrashes: next.isOpen = false
        }
        return next
    }

    private func accepts(
        _ command: UInt8, _ sense: CommandSense, _ lag: UInt8, _ fault: PlantedFault?,
        _ heardOlder: inout Bool
    ) -> Bool {
        if sense == .none || command == lag { return false }
        if command < lag { return true }
        heardOlder = fault == .olderEpochsAccepted
        return heardOlder
    }
}

extension World {
    /// The source acknowledges by itself again; a write that waited for the target does not any more.
    fileprivate mutating func endGrant() {
        (isGranted, isRevoking, hasClosed, isClosureSent) = (false, false, false, false)
        areOldGrantsSent = true
        if isWriteWaiting, copy == .whole { copy = .behind }
        isWriteWaiting = false
    }
}
