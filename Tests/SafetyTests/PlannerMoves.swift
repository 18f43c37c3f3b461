import Contracts

@testable import Trends

/// What a command says to those who follow it.
enum CommandSense: UInt8 {
    case none = 0
    /// Make the copy, or keep it, and follow the source.
    case copy
    /// Write to both.
    case dual
    /// Write to both; all reads go to the target.
    case promoted
    case retired

    init(_ life: Life) {
        switch life {
        case .none: self = .none
        case .provisioning, .populated, .rollingBack(_, dualWrite: false): self = .copy
        case .dualWriting, .ramping, .rollingBack: self = .dual
        case .promoted: self = .promoted
        case .retired: self = .retired
        }
    }
}

/// The planner's side, from the real life cycle: every state of one shadow, and every way on from there.
///
/// State and command are committed together, so a crash before the commit changes nothing, and one after it
/// restores the state that goes with the command. Signals are arbitrary: the telemetry may lie.
struct PlannerMoves {
    struct State: Hashable {
        var life = Life.none
        var hold = Hold()
        /// The telemetry said so since the shadow was provisioned.
        var wasPopulated = false
        /// A command was published whose epoch the planner does not remember: only with a planted fault.
        var isBehind = false
    }

    struct Move: Hashable {
        var next: Int
        /// Nil if nothing is published.
        var sense: CommandSense?
        var broken: Invariant?
        /// An index into `labels`.
        var label: Int
    }

    private(set) var states: [State] = [State()]
    /// By state.
    private(set) var moves: [[Move]] = []
    private(set) var labels: [String] = []
    private let rules: LifeRules
    private let fault: PlantedFault?

    init(_ rules: LifeRules, fault: PlantedFault?) {
        self.rules = rules
        self.fault = fault
        var places: [State: Int] = [State(): 0]
        var at = 0
        while at < states.count {
            let state = states[at]
            // One of the signals and orders that lead to the same stands for all.
            var found: [Found: String] = [:]
            for (label, ready, health, transition) in ways(state) {
                for outcome in outcomes(state, transition, ready, health) where found[outcome] == nil {
                    found[outcome] = label + (outcome.state.isBehind ? ", crash before the commit" : "")
                }
            }
            var list: [Move] = []
            for (outcome, label) in found.sorted(by: { $0.value < $1.value }) {
                if places[outcome.state] == nil {
                    places[outcome.state] = states.count
                    states.append(outcome.state)
                }
                labels.append("planner: \(label) -> \(outcome.state.life)")
                list.append(
                    Move(
                        next: places[outcome.state] ?? 0, sense: outcome.sense, broken: outcome.broken,
                        label: labels.count - 1))
            }
            moves.append(list)
            at += 1
        }
    }

    private struct Found: Hashable {
        var state: State
        var sense: CommandSense?
        var broken: Invariant?
    }

    private typealias Way = (label: String, ready: Bool, health: Health, transition: LifeCycle.Transition)

    /// A window with each combination of signals, and each order with each verdict of the guards.
    private func ways(_ state: State) -> [Way] {
        var ways: [Way] = []
        for bits in 0..<16 {
            for health in Health.allCases {
                let signals = LifeSignals(
                    isAdmitted: bits & 1 > 0, activateHeld: bits & 2 > 0, leaveHeld: bits & 4 > 0,
                    targetReady: bits & 8 > 0, health: health)
                let next = LifeCycle.next(state.life, state.hold, signals, rules)
                let signs = [
                    signals.leaveHeld ? "demand gone" : nil, signals.targetReady ? "copy ready" : nil,
                    "telemetry \(health)",
                ]
                let label = "window (\(signs.compactMap { $0 }.joined(separator: ", ")))"
                ways.append((label, signals.targetReady, health, planted(next, state, signals)))
            }
        }
        for order in OrderKind.allCases {
            for health in Health.allCases {
                var seen = health
                if fault == .promotedUnverified, order == .promote { seen = .good }
                guard let next = try? LifeCycle.obey(order, state.life, state.hold, seen, rules) else {
                    continue
                }
                ways.append(
                    (
                        "order \(order.rawValue) (telemetry \(health))", false, health,
                        planted(next, state, nil)
                    ))
            }
        }
        return ways
    }

    /// The planner's faults.
    private func planted(
        _ next: LifeCycle.Transition, _ state: State, _ signals: LifeSignals?
    ) -> LifeCycle.Transition {
        var next = next
        switch (fault, state.life, next.life) {
        case (.readsBeforePopulated, .provisioning, .provisioning) where signals?.activateHeld == true:
            next.life = .ramping(readShareMilli: rules.lowestStep, dwelt: 0, course: .rising)
            next.announcement = Announcement(type: .readRoutingShift, reason: .activateDemand)
        case (.retiredWhileRead, .ramping, .rollingBack):
            next.life = .retired
            next.announcement = Announcement(type: .retirement, reason: .leaveDemand)
        case (.rollBackEndsDualWrites, _, .rollingBack(let elapsed, dualWrite: true)):
            next.life = .rollingBack(elapsed: elapsed, dualWrite: false)
        default: break
        }
        return next
    }

    private func outcomes(
        _ state: State, _ next: LifeCycle.Transition, _ ready: Bool, _ health: Health
    ) -> [Found] {
        var wasPopulated = state.wasPopulated
        if case .provisioning = state.life, ready { wasPopulated = true }
        if !next.life.isOpen { wasPopulated = false }
        let after = State(
            life: next.life, hold: next.hold, wasPopulated: wasPopulated, isBehind: state.isBehind)
        guard next.announcement != nil else { return [Found(state: after)] }
        let broken = broken(state, after, health)
        let sense = CommandSense(next.life)
        var outcomes = [Found(state: after, sense: sense, broken: broken)]
        if fault == .commandsOutsideTransaction {
            var before = state
            before.isBehind = true
            outcomes.append(Found(state: before, sense: sense, broken: broken))
        }
        return outcomes
    }

    /// What a command breaks.
    private func broken(_ before: State, _ after: State, _ health: Health) -> Invariant? {
        let (old, new) = (before.life, after.life)
        if before.isBehind { return .epochRises }
        if new.readShareMilli > 0, !new.dualWrite || !after.wasPopulated { return .readsOnlyOfPopulated }
        if new == .promoted, old != .promoted, health != .good { return .promotedIsVerified }
        if old.dualWrite, !new.dualWrite, new != .retired { return .dualWritesUntilRetirement }
        if new == .retired, old.readShareMilli > 0 || old.phase != .rollingBack {
            return .readsBackBeforeRetirement
        }
        return nil
    }
}
