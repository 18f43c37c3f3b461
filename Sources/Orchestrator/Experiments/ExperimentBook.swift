internal import Contracts
internal import Experiments
internal import ForeshadowRouting
internal import Routing
internal import Synchronization

/// The experiments there are and were, and what is known of each: the fold of `routing-experiments`, `routing-exposures`
/// and `routing-outcomes`.
final class ExperimentBook: Sendable {
    private enum Kept {
        case exposure(RoutingExposure)
        case outcome(RoutingOutcome)

        var experiment: String? {
            switch self {
            case .exposure(let exposure): exposure.experiment
            case .outcome(let outcome): outcome.experiment
            }
        }
    }

    private struct State {
        var analyses: [String: ExperimentAnalysis] = [:]
        /// The window of the newest decision about shares that an analysis knows.
        var decided: [String: Int64] = [:]
        /// Records of experiments that are not known yet: a definition may come after them.
        var early: [Kept] = []
        var rejected = 0
    }

    /// Which of them runs, and how requests are routed.
    let register: ExperimentRegister
    private let state = Mutex(State())

    /// What is kept of experiments that are not known.
    private static let earlyMax = 100_000

    private static let recentMax = 6

    init(_ register: ExperimentRegister) { self.register = register }

    /// Records that could not be used.
    var rejectedCount: Int { state.withLock { $0.rejected } }

    // MARK: Records

    /// Takes over a definition or state; false if a newer one is known. Throws if it cannot be used.
    @discardableResult
    func apply(_ record: ExperimentRecord) throws -> Bool {
        let (experiment, decisions) = (try record.experiment(), try record.shareDecisions())
        guard try register.apply(record) else { return false }
        try state.withLock { state in
            let isNew = state.analyses[record.name] == nil
            if isNew { state.analyses[record.name] = try ExperimentAnalysis(experiment) }
            // Decisions that are known are not taken over again.
            for decision in decisions where decision.window > state.decided[record.name, default: .min] {
                try state.analyses[record.name]?.adopt(decision)
                state.decided[record.name] = decision.window
            }
            if isNew { takeEarly(of: record.name, &state) }
        }
        return true
    }

    /// Forgets everything but how many records could not be used.
    func removeAll() {
        register.removeAll()
        state.withLock { state in
            let rejected = state.rejected
            state = State()
            state.rejected = rejected
        }
    }

    func apply(_ exposure: RoutingExposure) { take(.exposure(exposure)) }

    func apply(_ outcome: RoutingOutcome) {
        if outcome.experiment != nil { take(.outcome(outcome)) }
    }

    private func take(_ kept: Kept) {
        state.withLock { state in
            guard let name = kept.experiment, state.analyses[name] != nil else {
                if state.early.count < Self.earlyMax { state.early.append(kept) } else { state.rejected += 1 }
                return
            }
            use(kept, name, &state)
        }
    }

    private func takeEarly(of name: String, _ state: inout State) {
        let mine = state.early.filter { $0.experiment == name }
        if mine.isEmpty { return }
        state.early.removeAll { $0.experiment == name }
        for kept in mine { use(kept, name, &state) }
    }

    private func use(_ kept: Kept, _ name: String, _ state: inout State) {
        guard let experiment = state.analyses[name]?.experiment else { return }
        switch kept {
        case .exposure(let exposure):
            let variant = experiment.variant(named: exposure.variant.utf8Span.span.bytes) ?? -1
            let cell = exposure.cell.flatMap { experiment.cell(named: $0.utf8Span.span.bytes) } ?? 0
            _ = state.analyses[name]?.expose(
                customer: exposure.customer.span.bytes, variant: variant, cell: cell, time: exposure.time)
        case .outcome(let outcome):
            let variant = experiment.variant(named: outcome.variant.utf8Span.span.bytes) ?? -1
            let cell = outcome.cell.flatMap { experiment.cell(named: $0.utf8Span.span.bytes) } ?? 0
            let decided = DecisionName.time(outcome.decision) ?? outcome.time
            _ = state.analyses[name]?.record(
                Outcome(
                    variant: variant, cell: cell, time: decided, latencyMicros: outcome.latencyMicros,
                    isError: outcome.isError, isRemote: outcome.isRemote), of: outcome.customer.span.bytes)
        }
    }

    /// Drops what is known of a customer.
    func forget(_ customer: RawSpan) {
        state.withLock { state in
            for name in state.analyses.keys { state.analyses[name]?.forget(customer: customer) }
        }
    }

    // MARK: Questions

    /// The newest record of an experiment.
    func record(_ name: String) -> ExperimentRecord? { register.record(name) }

    /// The experiment that runs.
    var runningRecord: ExperimentRecord? { register.current.running.flatMap { record($0.name) } }

    /// Every experiment with its report, those that run first, then the newest.
    var reports: [(record: ExperimentRecord, report: ExperimentReport)] { reports(atMost: .max) }

    /// Those of the one that runs and of the newest others: what is looked at all the time must not grow.
    var recentReports: [(record: ExperimentRecord, report: ExperimentReport)] {
        reports(atMost: Self.recentMax)
    }

    private func reports(atMost limit: Int) -> [(record: ExperimentRecord, report: ExperimentReport)] {
        let records = register.all.sorted { a, b in
            if (a.state == .running) != (b.state == .running) { return a.state == .running }
            return (b.startedAt, a.name) < (a.startedAt, b.name)
        }
        // Within the lock: a copy of an analysis would be all of its tables when the next record comes.
        return state.withLock { state in
            records.prefix(limit).compactMap { record in
                state.analyses[record.name].map { (record, $0.report()) }
            }
        }
    }

    /// An experiment's report.
    func report(_ name: String) -> (record: ExperimentRecord, report: ExperimentReport)? {
        guard let record = record(name) else { return nil }
        return state.withLock { state in state.analyses[name].map { (record, $0.report()) } }
    }

    /// The shares that the evidence is for, if the experiment that runs is a bandit and none are decided from `window` on.
    func shares(now: EventTime) -> (record: ExperimentRecord, decision: ShareDecision)? {
        guard let record = runningRecord else { return nil }
        return state.withLock { state in
            guard let analysis = state.analyses[record.name], let bandit = analysis.experiment.bandit else {
                return nil
            }
            let next = bandit.window(at: now) + 1
            if let decided = record.decisions?.last?.window, decided >= next { return nil }
            return analysis.shares(from: next).map { (record, $0) }
        }
    }
}
