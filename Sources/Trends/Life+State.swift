import Contracts

/// What the world is told of a life.
extension Life {
    /// The phase; nil before the first provisioning.
    var phase: Phase? {
        switch self {
        case .none: nil
        case .provisioning: .provisioning
        case .populated: .populated
        case .dualWriting: .dualWriting
        case .ramping: .ramping
        case .promoted: .promoted
        case .rollingBack: .rollingBack
        case .retired: .retired
        }
    }

    /// Share of the cohort that reads from the target, in thousandths.
    var readShareMilli: Int64 {
        switch self {
        case .ramping(let share, _, _): share
        case .promoted: 1_000
        case .none, .provisioning, .populated, .dualWriting, .rollingBack, .retired: 0
        }
    }

    /// Whether writes for the cohort go to both. Holds on until retirement, so that nothing is lost on the
    /// way back.
    var dualWrite: Bool {
        switch self {
        case .dualWriting, .ramping, .promoted: true
        case .rollingBack(_, let dualWrite): dualWrite
        case .none, .provisioning, .populated, .retired: false
        }
    }

    /// Whether it takes one of the places for open shadows.
    var isOpen: Bool {
        switch self {
        case .none, .retired: false
        case .provisioning, .populated, .dualWriting, .ramping, .promoted, .rollingBack: true
        }
    }

    /// Whether it can be rolled back.
    var canBeGivenUp: Bool {
        if case .rollingBack = self { return false }
        return isOpen
    }

    /// Whether it may be provisioned, if there is demand.
    var canBeProvisioned: Bool { self == .none || self == .retired(coolDown: 0) }

    /// Whether its next step asks for telemetry of source and target.
    var isGuarded: Bool {
        switch self {
        case .dualWriting, .ramping: true
        case .none, .provisioning, .populated, .promoted, .rollingBack, .retired: false
        }
    }
}
