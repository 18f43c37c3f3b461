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

    /// Whether data or reads are on their way.
    var isMoving: Bool {
        switch self {
        case .none, .promoted, .retired: false
        case .provisioning, .populated, .dualWriting, .ramping, .rollingBack: true
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

/// As bytes: the phase's number, then what belongs to it.
extension Life {
    func encode(into state: inout StateWriter) {
        func write(_ phase: UInt8, _ first: Int = 0, _ second: Int = 0, flag: Bool = false) {
            state.write(phase)
            state.write(flag)
            state.write(first)
            state.write(second)
        }
        switch self {
        case .none: write(0)
        case .provisioning(let elapsed): write(1, elapsed)
        case .populated: write(2)
        case .dualWriting(let dwelt): write(3, dwelt)
        case .ramping(let share, let dwelt, let breached): write(4, Int(share), dwelt, flag: breached)
        case .promoted: write(5)
        case .rollingBack(let elapsed, let dualWrite): write(6, elapsed, flag: dualWrite)
        case .retired(let coolDown): write(7, coolDown)
        }
    }

    init(_ reader: inout StateReader) throws(StateFailure) {
        let phase: UInt8 = try reader.read()
        let flag: Bool = try reader.read()
        let first = try reader.read(in: 0...(phase == 4 ? 1_000 : PlannerConfiguration.windowsMax), "phase")
        let second = try reader.read(in: 0...PlannerConfiguration.windowsMax, "phase")
        switch phase {
        case 0: self = .none
        case 1: self = .provisioning(elapsed: first)
        case 2: self = .populated
        case 3: self = .dualWriting(dwelt: first)
        case 4: self = .ramping(readShareMilli: Int64(first), dwelt: second, breached: flag)
        case 5: self = .promoted
        case 6: self = .rollingBack(elapsed: first, dualWrite: flag)
        case 7: self = .retired(coolDown: first)
        default: throw .outOfRange("a phase")
        }
    }
}
