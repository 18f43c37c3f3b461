import Contracts

/// Where a shadow is in its life, with all that its next step depends on.
///
/// Counters stop at the number they are held against, so there are finitely many values, and a window in
/// which nothing new is heard sooner or later changes nothing. A read share above 0 without dual writes
/// cannot be expressed.
enum Life: Sendable, Hashable {
    /// Never provisioned.
    case none
    case provisioning(elapsed: Int)
    case populated
    case dualWriting(dwelt: Int)
    case ramping(readShareMilli: Int64, dwelt: Int, course: Course)
    case promoted
    case rollingBack(elapsed: Int, dualWrite: Bool)
    case retired
}

/// Which way a ramp goes.
enum Course: UInt8, Sendable, Hashable {
    case rising
    /// It stepped back, and the newest telemetry broke a guard.
    case breached
    /// It stepped back, and the telemetry has been good since.
    case recovering
}

/// What holds a shadow where it is.
struct Hold: Sendable, Hashable {
    /// Windows until it may turn by itself, from going on to going back or the other way round. A breach
    /// does not wait for it.
    var rest = 0
    var isPaused = false
    var isPinned = false
}

/// What the telemetry of a window says about a step.
enum Health: Sendable, Hashable, CaseIterable {
    /// Source or target sent none, or malformed figures.
    case unknown
    case good
    case breached
}

/// All that a window tells a shadow.
struct LifeSignals: Sendable, Hashable {
    /// It may be provisioned: demand, rest and the limit on open shadows have been looked at.
    var isAdmitted = false
    var activateHeld = false
    var leaveHeld = false
    /// The target's telemetry says that the copy has caught up.
    var targetReady = false
    var health = Health.unknown
}

/// Why a command is given: says which figures are its evidence.
enum Reason: Sendable, Hashable {
    case provisionDemand
    case activateDemand
    case leaveDemand
    case guardsGood
    case guardBreached
    case dwellOver
    case ordered
}

/// A command that a transition gives.
struct Announcement: Sendable, Hashable {
    var type: CommandType
    var reason: Reason
}

/// The numbers of the life cycle.
struct LifeRules: Sendable, Hashable {
    var populateWindows: Int
    var dwellWindows: Int
    var coolDownWindows: Int
    /// Rising, not empty, the last 1,000.
    var rampStepsMilli: [Int64]

    init(_ configuration: PlannerConfiguration) {
        populateWindows = configuration.populateWindows
        dwellWindows = configuration.dwellWindows
        coolDownWindows = configuration.coolDownWindows
        rampStepsMilli = configuration.rampStepsMilli
    }

    var lowestStep: Int64 { rampStepsMilli.first ?? 1_000 }

    /// The step after `share`, or nil after the last.
    func step(after share: Int64) -> Int64? { rampStepsMilli.first { $0 > share } }
}

/// The life cycle as a function of nothing but its arguments: one call per shadow and window.
enum LifeCycle {
    /// What a shadow becomes, and what the world is told.
    struct Transition: Sendable, Hashable {
        var life: Life
        var hold: Hold
        var announcement: Announcement?
    }

    typealias Move = (life: Life, announcement: Announcement?)

    /// What a window makes of a shadow.
    static func next(_ life: Life, _ hold: Hold, _ signals: LifeSignals, _ rules: LifeRules) -> Transition {
        var hold = hold
        hold.rest = max(hold.rest - 1, 0)
        return transition(life, hold, move(life, hold, signals, rules), rules)
    }

    /// A turn starts the rest, as does the end of a roll-back. Who goes back follows no order but to its end.
    static func transition(_ life: Life, _ hold: Hold, _ move: Move, _ rules: LifeRules) -> Transition {
        var hold = hold
        let isEnd = life.phase == .rollingBack && move.life == .retired
        if life.isGoingBack != move.life.isGoingBack || isEnd { hold.rest = rules.coolDownWindows }
        if case .rollingBack = move.life { (hold.isPaused, hold.isPinned) = (false, false) }
        return Transition(life: move.life, hold: hold, announcement: move.announcement)
    }

    private static func move(_ life: Life, _ hold: Hold, _ signals: LifeSignals, _ rules: LifeRules) -> Move {
        let isLeft = signals.leaveHeld && !hold.isPinned
        if isLeft, !hold.isPaused, life.canBeGivenUp, life.isGoingBack || hold.rest == 0 {
            return rollBack(life, .leaveDemand)
        }
        switch life {
        case .none, .retired:
            guard signals.isAdmitted, hold.rest == 0 else { return (life, nil) }
            return (.provisioning(elapsed: 0), Announcement(type: .provision, reason: .provisionDemand))
        case .provisioning(let elapsed):
            if hold.isPaused { return (life, nil) }
            let elapsed = min(elapsed + 1, rules.populateWindows)
            let isDone = elapsed == rules.populateWindows && signals.targetReady
            return (isDone ? .populated : .provisioning(elapsed: elapsed), nil)
        case .populated:
            guard signals.activateHeld, !hold.isPaused else { return (life, nil) }
            return (.dualWriting(dwelt: 0), Announcement(type: .activation, reason: .activateDemand))
        case .dualWriting(let dwelt):
            guard signals.health == .good, !hold.isPaused, !isLeft else {
                return (.dualWriting(dwelt: 0), nil)
            }
            if dwelt + 1 < rules.dwellWindows { return (.dualWriting(dwelt: dwelt + 1), nil) }
            return shift(to: rules.lowestStep, .rising)
        case .ramping(let share, let dwelt, let course):
            switch signals.health {
            case .unknown:
                // A breach is not forgotten because the telemetry stopped.
                return (.ramping(readShareMilli: share, dwelt: 0, course: course), nil)
            case .breached:
                return stepBack(life, rules)
            case .good:
                let isHeld = hold.isPaused || isLeft
                return goOn(share, isHeld ? nil : dwelt, course, isRested: hold.rest == 0, rules)
            }
        case .promoted:
            return signals.health == .breached ? stepBack(life, rules) : (life, nil)
        case .rollingBack(let elapsed, let dualWrite):
            if elapsed + 1 < rules.dwellWindows {
                return (.rollingBack(elapsed: elapsed + 1, dualWrite: dualWrite), nil)
            }
            return (.retired, Announcement(type: .retirement, reason: .dwellOver))
        }
    }

    /// A ramp in a window with good telemetry. `dwelt` is nil if it is held where it is.
    private static func goOn(
        _ share: Int64, _ dwelt: Int?, _ course: Course, isRested: Bool, _ rules: LifeRules
    ) -> Move {
        let course: Course = course == .breached ? .recovering : course
        guard let dwelt else { return (.ramping(readShareMilli: share, dwelt: 0, course: course), nil) }
        // Up again after a step back is a turn.
        if dwelt + 1 < rules.dwellWindows || (course == .recovering && !isRested) {
            let dwelt = min(dwelt + 1, rules.dwellWindows - 1)
            return (.ramping(readShareMilli: share, dwelt: dwelt, course: course), nil)
        }
        if let step = rules.step(after: share) { return shift(to: step, .rising) }
        return (.promoted, Announcement(type: .promotion, reason: .guardsGood))
    }

    /// Half of the reads go back, or all at the second breach in a row and from the lowest step.
    private static func stepBack(_ life: Life, _ rules: LifeRules) -> Move {
        let share = life.readShareMilli
        if life.isBreached || share <= rules.lowestStep { return rollBack(life, .guardBreached) }
        return shift(to: max(share / 2, rules.lowestStep), .breached)
    }

    private static func shift(to share: Int64, _ course: Course) -> Move {
        let reason: Reason = course == .breached ? .guardBreached : .guardsGood
        return (
            .ramping(readShareMilli: share, dwelt: 0, course: course),
            Announcement(type: .readRoutingShift, reason: reason)
        )
    }

    static func rollBack(_ life: Life, _ reason: Reason) -> Move {
        (
            .rollingBack(elapsed: 0, dualWrite: life.dualWrite),
            Announcement(type: .rollback, reason: reason)
        )
    }
}
