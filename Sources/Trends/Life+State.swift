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

    /// Whether it may be provisioned, if there is demand and it has rested.
    var canBeProvisioned: Bool { self == .none || self == .retired }

    /// Whether the telemetry of source and target decides on its next step.
    var isGuarded: Bool {
        switch self {
        case .dualWriting, .ramping, .promoted: true
        case .none, .provisioning, .populated, .rollingBack, .retired: false
        }
    }

    /// Whether the newest telemetry broke a guard.
    var isBreached: Bool {
        if case .ramping(_, _, .breached) = self { return true }
        return false
    }

    /// Which way it goes: a change of this is a turn.
    var isGoingBack: Bool {
        switch self {
        case .none, .rollingBack, .retired: true
        case .ramping(_, _, let course): course != .rising
        case .provisioning, .populated, .dualWriting, .promoted: false
        }
    }
}

/// As bytes: the phase's number, then what belongs to it.
extension Life {
    func encode(into state: inout StateWriter) {
        func write(_ phase: UInt8, _ first: Int = 0, _ second: Int = 0, detail: UInt8 = 0) {
            state.write(phase)
            state.write(detail)
            state.write(first)
            state.write(second)
        }
        switch self {
        case .none: write(0)
        case .provisioning(let elapsed): write(1, elapsed)
        case .populated: write(2)
        case .dualWriting(let dwelt): write(3, dwelt)
        case .ramping(let share, let dwelt, let course):
            write(4, Int(share), dwelt, detail: course.rawValue)
        case .promoted: write(5)
        case .rollingBack(let elapsed, let dualWrite): write(6, elapsed, detail: dualWrite ? 1 : 0)
        case .retired: write(7)
        }
    }

    init(_ reader: inout StateReader) throws(StateFailure) {
        let phase: UInt8 = try reader.read()
        let detail: UInt8 = try reader.read()
        let first = try reader.read(in: 0...(phase == 4 ? 1_000 : PlannerConfiguration.windowsMax), "phase")
        let second = try reader.read(in: 0...PlannerConfiguration.windowsMax, "phase")
        switch phase {
        case 0: self = .none
        case 1: self = .provisioning(elapsed: first)
        case 2: self = .populated
        case 3: self = .dualWriting(dwelt: first)
        case 4:
            guard let course = Course(rawValue: detail) else { throw .outOfRange("a course") }
            self = .ramping(readShareMilli: Int64(first), dwelt: second, course: course)
        case 5: self = .promoted
        case 6: self = .rollingBack(elapsed: first, dualWrite: detail == 1)
        case 7: self = .retired
        default: throw .outOfRange("a phase")
        }
    }
}

extension Hold {
    func encode(into state: inout StateWriter) {
        state.write(rest)
        state.write(isPaused)
        state.write(isPinned)
    }

    init(_ reader: inout StateReader) throws(StateFailure) {
        rest = try reader.read(in: 0...PlannerConfiguration.windowsMax, "windows")
        isPaused = try reader.read()
        isPinned = try reader.read()
    }
}
