internal import Alerting
internal import Contracts
internal import Experiments
internal import ForeshadowRouting
internal import Synchronization

/// Alerts of what only a service sees that looks at the cluster: how far the stages are behind, whether they get on, and experiments whose
/// ratio is off. By the minute of this process's clock; what rests on event time the planner evaluates.
///
/// Every instance sees the same, and publishes the same.
final class OwnAlerts: Sendable {
    private struct State {
        var evaluator: AlertEvaluator
        var minutes = 0
    }

    private let flow: FlowWatch
    private let book: ExperimentBook
    private let live: LiveState
    private let publisher: RecordPublisher
    private let topic: String
    private let state: Mutex<State>

    private static let minuteMillis: Int64 = 60_000
    private static let rules: Set<AlertRule> = [.lag, .stageStalled, .ratioMismatch]
    /// Minutes after which an alert that nobody confirms is over: what raised it was another process.
    private static let unconfirmedMinutes = 5

    init(
        _ partitions: PartitionMap, _ flow: FlowWatch, _ book: ExperimentBook, _ live: LiveState,
        _ publisher: RecordPublisher, _ limits: AlertConfiguration, topic: String
    ) {
        self.flow = flow
        self.book = book
        self.live = live
        self.publisher = publisher
        self.topic = topic
        var configuration = limits
        configuration.windowMillis = Self.minuteMillis
        state = Mutex(State(evaluator: AlertEvaluator(configuration, partitions: partitions)))
    }

    /// To be called about once a second.
    func tick(now: EventTime) {
        let changes = state.withLock { state in
            observe(&state.evaluator)
            return evaluate(&state, now: now)
        }
        for alert in changes { publish(alert) }
    }

    private func observe(_ evaluator: inout AlertEvaluator) {
        for figures in flow.figures {
            guard figures.step.group != nil, let records = figures.lagRecords else { continue }
            let millis = Int64((figures.lagSeconds ?? 0) * 1_000)
            evaluator.observe(lagOf: figures.step.topic, records: records, millis: millis)
            let stalled = Int64((figures.stalledSeconds ?? 0) * 1_000)
            evaluator.observe(stallOf: figures.step.consumer, millis: stalled)
        }
        for (record, report) in book.recentReports where record.state == .running {
            evaluator.observe(ratioOf: record.name, pValue: min(1, max(0, report.sampleRatio.p)))
        }
    }

    private func evaluate(_ state: inout State, now: EventTime) -> [Alert] {
        let end = now / Self.minuteMillis * Self.minuteMillis
        let before = state.evaluator
        let changes = state.evaluator.evaluate(windowEnd: end).filter(Self.isOwn)
        if before == state.evaluator { return changes }
        state.minutes += 1
        guard state.minutes > Self.unconfirmedMinutes else { return changes }
        let firing = Set(state.evaluator.firing.map(\.rule))
        let over = live.alerts.filter { $0.state == .firing && Self.isOwn($0) && !firing.contains($0.rule) }
        return changes
            + over.filter { alert in !changes.contains { $0.rule == alert.rule } }.map { alert in
                var alert = alert
                alert.state = .resolved
                alert.since = end
                return alert
            }
    }

    private static func isOwn(_ alert: Alert) -> Bool {
        AlertRule.split(alert.rule).rule.map { rules.contains($0) } ?? false
    }

    private func publish(_ alert: Alert) {
        var writer = JSONWriter()
        alert.encode(into: &writer)
        _ = publisher.offer([.init(topic: topic, key: Array(alert.rule.utf8), value: writer.bytes)])
    }
}
