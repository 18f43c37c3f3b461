/// A mistake that planner or data plane could make, built in to see whether the exploration finds it.
enum PlantedFault: String, CaseIterable, Sendable {
    // The planner's.
    case readsBeforePopulated
    case promotedUnverified
    case retiredWhileRead
    case rollBackEndsDualWrites
    case commandsOutsideTransaction
    // The data plane's.
    case olderEpochsAccepted
    case opensBeforeCaughtUp
    case grantForgottenAtCrash
    case revocationNotAwaited
    case closedGrantAccepted
    case promotedWritesOnlyToTarget

    /// What it breaks.
    var breaks: Invariant {
        switch self {
        case .readsBeforePopulated: .readsOnlyOfPopulated
        case .promotedUnverified: .promotedIsVerified
        case .retiredWhileRead: .readsBackBeforeRetirement
        case .rollBackEndsDualWrites: .dualWritesUntilRetirement
        case .commandsOutsideTransaction, .olderEpochsAccepted: .epochRises
        case .opensBeforeCaughtUp, .grantForgottenAtCrash, .revocationNotAwaited, .closedGrantAccepted:
            .readsMissNothing
        case .promotedWritesOnlyToTarget: .sourceMissesNothing
        }
    }
}

/// What must hold in every state and of every command. docs/safety.md says it in words.
enum Invariant: String, Sendable {
    /// A target that serves reads holds every acknowledged write.
    case readsMissNothing
    /// The source holds every acknowledged write, so that a roll-back loses none.
    case sourceMissesNothing
    /// Neither a shadow's commands nor what an executor has heard go back to an epoch, or use one twice.
    case epochRises
    /// Reads are commanded only of a copy that was populated and is written to.
    case readsOnlyOfPopulated
    /// A promotion rests on good telemetry of the very window.
    case promotedIsVerified
    /// Once writes go to both they do until retirement.
    case dualWritesUntilRetirement
    /// A retirement follows a command that took the reads back.
    case readsBackBeforeRetirement
}
