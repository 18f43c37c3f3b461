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
    /// `breached`: the newest telemetry broke a guard.
    case ramping(readShareMilli: Int64, dwelt: Int, breached: Bool)
    case promoted
    case rollingBack(elapsed: Int, dualWrite: Bool)
    case retired(coolDown: Int)
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
    /// It may be provisioned: demand, cool-down and the limit on open shadows have been looked at.
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
    typealias Transition = (life: Life, announcement: Announcement?)

    static func next(_ life: Life, _ signals: LifeSignals, _ rules: LifeRules) -> Transition {
        if signals.leaveHeld, life.canBeGivenUp { return rollBack(life, .leaveDemand) }
        switch life {
        case .none, .retired(coolDown: 0):
            guard signals.isAdmitted else { return (life, nil) }
            return (.provisioning(elapsed: 0), Announcement(type: .provision, reason: .provisionDemand))
        case .retired(let coolDown):
            return (.retired(coolDown: coolDown - 1), nil)
        case .provisioning(let elapsed):
            let elapsed = min(elapsed + 1, rules.populateWindows)
            let isDone = elapsed == rules.populateWindows && signals.targetReady
            return (isDone ? .populated : .provisioning(elapsed: elapsed), nil)
        case .populated:
            guard signals.activateHeld else { return (life, nil) }
            return (.dualWriting(dwelt: 0), Announcement(type: .activation, reason: .activateDemand))
        case .dualWriting(let dwelt):
            return nextDualWriting(dwelt, signals.health, rules)
        case .ramping(let share, let dwelt, let breached):
            return nextRamping(share, dwelt, breached, signals.health, rules)
        case .promoted:
            return (life, nil)
        case .rollingBack(let elapsed, let dualWrite):
            if elapsed + 1 < rules.dwellWindows {
                return (.rollingBack(elapsed: elapsed + 1, dualWrite: dualWrite), nil)
            }
            let retired = Life.retired(coolDown: rules.coolDownWindows)
            return (retired, Announcement(type: .retirement, reason: .dwellOver))
        }
    }

    private static func nextDualWriting(_ dwelt: Int, _ health: Health, _ rules: LifeRules) -> Transition {
        guard health == .good else { return (.dualWriting(dwelt: 0), nil) }
        if dwelt + 1 < rules.dwellWindows { return (.dualWriting(dwelt: dwelt + 1), nil) }
        return shift(to: rules.lowestStep, breached: false)
    }

    private static func nextRamping(
        _ share: Int64, _ dwelt: Int, _ breached: Bool, _ health: Health, _ rules: LifeRules
    ) -> Transition {
        switch health {
        case .unknown:
            // A breach is not forgotten because the telemetry stopped.
            return (.ramping(readShareMilli: share, dwelt: 0, breached: breached), nil)
        case .breached:
            let life = Life.ramping(readShareMilli: share, dwelt: dwelt, breached: breached)
            if breached || share <= rules.lowestStep { return rollBack(life, .guardBreached) }
            return shift(to: max(share / 2, rules.lowestStep), breached: true)
        case .good:
            if dwelt + 1 < rules.dwellWindows {
                return (.ramping(readShareMilli: share, dwelt: dwelt + 1, breached: false), nil)
            }
            if let step = rules.step(after: share) { return shift(to: step, breached: false) }
            return (.promoted, Announcement(type: .promotion, reason: .guardsGood))
        }
    }

    private static func shift(to share: Int64, breached: Bool) -> Transition {
        let reason: Reason = breached ? .guardBreached : .guardsGood
        return (
            .ramping(readShareMilli: share, dwelt: 0, breached: breached),
            Announcement(type: .readRoutingShift, reason: reason)
        )
    }

    private static func rollBack(_ life: Life, _ reason: Reason) -> Transition {
        (
            .rollingBack(elapsed: 0, dualWrite: life.dualWrite),
            Announcement(type: .rollback, reason: reason)
        )
    }
}
