internal import Contracts
internal import Experiments
internal import Foundation
internal import Routing
internal import Synchronization

/// The experiments there are and were, and what is known of each: the fold of `routing-experiments`, `routing-exposures`
/// and `routing-outcomes`.
///
/// One runs at a time; of several that say so, the one that was started first. The weights of the one that was adopted
/// last are what everybody is routed by.
final class ExperimentBook: Sendable {
    private struct Held {
        var record: ExperimentRecord
        var analysis: ExperimentAnalysis
    }

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
        var held: [String: Held] = [:]
        /// Records of experiments that are not known yet: a definition may come after them.
        var early: [Kept] = []
        var rejected = 0
    }

    private let configured: RoutingWeights
    private let state = Mutex(State())
    /// How requests are routed: behind a lock of its own, so that no look-up waits for a report. Set with `state` locked.
    private let routing: Mutex<(running: RunningExperiment?, weights: RoutingWeights)>

    /// What is kept of experiments that are not known.
    private static let earlyMax = 100_000

    private static let recentMax = 6

    init(_ configured: RoutingWeights) {
        self.configured = configured
        routing = Mutex((nil, configured))
    }

    /// How requests are routed now.
    var current: (running: RunningExperiment?, weights: RoutingWeights) {
        routing.withLock { $0 }
    }

    /// Records that could not be used.
    var rejectedCount: Int { state.withLock { $0.rejected } }

    // MARK: Records

    /// Takes over a definition or state; false if a newer one is known. Throws if it cannot be used.
    @discardableResult
    func apply(_ record: ExperimentRecord) throws -> Bool {
        let experiment = try record.experiment()
        return try state.withLock { state in
            let known = state.held[record.name]?.record
            if let known, known.epoch >= record.epoch { return false }
            if known == nil {
                state.held[record.name] = Held(record: record, analysis: try ExperimentAnalysis(experiment))
            }
            // Decisions that are known are not taken over again.
            let last = known?.decisions?.last?.window ?? .min
            for decision in try record.shareDecisions() where decision.window > last {
                try state.held[record.name]?.analysis.adopt(decision)
            }
            state.held[record.name]?.record = record
            if known == nil { takeEarly(of: record.name, &state) }
            try settle(state)
            return true
        }
    }

    /// Finds out anew how requests are routed.
    private func settle(_ state: borrowing State) throws {
        let records = state.held.values.map(\.record)
        let adopted = records.filter { $0.state == .adopted }
            .max { ($0.decidedAt, $0.name) < ($1.decidedAt, $1.name) }
        let weights = adopted.flatMap { record in record.variants.first { $0.name == record.adopted }?.weights
        }
        let base = weights?.over(configured) ?? configured
        let next = try Self.running(records).map { try RunningExperiment($0, over: base) }
        routing.withLock { $0 = (next, base) }
    }

    /// Of those that say they run, the one that was started first.
    private static func running(_ records: [ExperimentRecord]) -> ExperimentRecord? {
        records.filter { $0.state == .running }.min { ($0.startedAt, $0.name) < ($1.startedAt, $1.name) }
    }

    func apply(_ exposure: RoutingExposure) { take(.exposure(exposure)) }

    func apply(_ outcome: RoutingOutcome) {
        if outcome.experiment != nil { take(.outcome(outcome)) }
    }

    private func take(_ kept: Kept) {
        state.withLock { state in
            guard let name = kept.experiment, state.held[name] != nil else {
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
        guard let experiment = state.held[name]?.analysis.experiment else { return }
        switch kept {
        case .exposure(let exposure):
            let variant = experiment.variant(named: exposure.variant.utf8Span.span.bytes) ?? -1
            let cell = exposure.cell.flatMap { experiment.cell(named: $0.utf8Span.span.bytes) } ?? 0
            _ = state.held[name]?.analysis.expose(
                customer: exposure.customer.span.bytes, variant: variant, cell: cell, time: exposure.time)
        case .outcome(let outcome):
            let variant = experiment.variant(named: outcome.variant.utf8Span.span.bytes) ?? -1
            let cell = outcome.cell.flatMap { experiment.cell(named: $0.utf8Span.span.bytes) } ?? 0
            let decided = DecisionName.time(outcome.decision) ?? outcome.time
            _ = state.held[name]?.analysis.record(
                Outcome(
                    variant: variant, cell: cell, time: decided, latencyMicros: outcome.latencyMicros,
                    isError: outcome.isError, isRemote: outcome.isRemote), of: outcome.customer.span.bytes)
        }
    }

    /// Drops what is known of a customer.
    func forget(_ customer: RawSpan) {
        state.withLock { state in
            for name in state.held.keys { state.held[name]?.analysis.forget(customer: customer) }
        }
    }

    // MARK: Questions

    /// The newest record of an experiment.
    func record(_ name: String) -> ExperimentRecord? { state.withLock { $0.held[name]?.record } }

    /// The experiment that runs.
    var runningRecord: ExperimentRecord? { current.running.flatMap { record($0.name) } }

    /// Every experiment with its report, those that run first, then the newest.
    var reports: [(record: ExperimentRecord, report: ExperimentReport)] { reports(atMost: .max) }

    /// Those of the one that runs and of the newest others: what is looked at all the time must not grow.
    var recentReports: [(record: ExperimentRecord, report: ExperimentReport)] {
        reports(atMost: Self.recentMax)
    }

    private func reports(atMost limit: Int) -> [(record: ExperimentRecord, report: ExperimentReport)] {
        // Within the lock: a copy of an analysis would be all of its tables when the next record comes.
        state.withLock { state in
            state.held.values.map(\.record).sorted { a, b in
                if (a.state == .running) != (b.state == .running) { return a.state == .running }
                return (b.startedAt, a.name) < (a.startedAt, b.name)
            }.prefix(limit).compactMap { record in
                state.held[record.name].map { (record, $0.analysis.report()) }
            }
        }
    }

    /// An experiment's report.
    func report(_ name: String) -> (record: ExperimentRecord, report: ExperimentReport)? {
        state.withLock { state in state.held[name].map { ($0.record, $0.analysis.report()) } }
    }

    /// The shares that the evidence is for, if the experiment that runs is a bandit and none are decided from `window` on.
    func shares(now: EventTime) -> (record: ExperimentRecord, decision: ShareDecision)? {
        guard let name = current.running?.name else { return nil }
        return state.withLock { state in
            guard let held = state.held[name],
                let bandit = held.analysis.experiment.bandit
            else { return nil }
            let next = bandit.window(at: now) + 1
            if let decided = held.record.decisions?.last?.window, decided >= next { return nil }
            return held.analysis.shares(from: next).map { (held.record, $0) }
        }
    }
}
