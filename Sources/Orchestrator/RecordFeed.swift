internal import Contracts
internal import ForeshadowRouting
internal import Kafka
internal import Synchronization

/// Takes the records of all topics the service follows.
final class RecordFeed: Sendable {
    private let table: RoutingTable
    private let records: RoutingRecords
    private let live: LiveState
    private let hub: EventHub
    private let book: ExperimentBook
    private let trends: TrendBook
    private let quality: QualityBook
    private let names: PartitionNames
    private let eventTime: EventTimeLimit
    private let rejected = Atomic<Int>(0)

    /// What is followed beside the topics of routing.
    private enum More: Int, CaseIterable {
        case alerts
        case experiments
        case exposures
        case outcomes
        case trends
        case forecasts
        case quality

        func name(_ topics: OrchestratorTopics) -> String {
            switch self {
            case .alerts: topics.alerts
            case .experiments: topics.experiments
            case .exposures: topics.exposures
            case .outcomes: topics.outcomes
            case .trends: topics.trends
            case .forecasts: topics.forecasts
            case .quality: topics.quality
            }
        }
    }

    init(
        _ table: RoutingTable, _ live: LiveState, _ hub: EventHub, _ book: ExperimentBook,
        _ trends: TrendBook, _ quality: QualityBook, eventTime: EventTimeLimit = EventTimeLimit()
    ) {
        self.table = table
        self.live = live
        self.hub = hub
        self.book = book
        self.trends = trends
        self.quality = quality
        self.eventTime = eventTime
        records = RoutingRecords(table, eventTime: eventTime)
        names = PartitionNames(table.partitions)
    }

    /// The topics in the order in which `apply` numbers them.
    func topics(_ topics: OrchestratorTopics) -> [String] {
        topics.routing + More.allCases.map { $0.name(topics) }
    }

    /// Records that could not be used.
    var rejectedCount: Int {
        records.rejectedCount + rejected.load(ordering: .relaxed) + book.rejectedCount
    }

    /// Takes a record of the topic of that number.
    func apply(_ number: Int, _ record: borrowing Record) {
        guard let source = RoutingRecords.Source(rawValue: number) else {
            return more(number - RoutingRecords.Source.allCases.count, record)
        }
        records.apply(source, record)
        switch source {
        case .vectors: break
        case .profiles: if record.value == nil, let customer = record.key { book.forget(customer) }
        case .commands: command(record)
        case .telemetry: if let telemetry = try? records.telemetry(record) { live.apply(telemetry) }
        }
    }

    private func more(_ number: Int, _ record: borrowing Record) {
        guard let topic = More(rawValue: number), let value = record.value else { return }
        do {
            switch topic {
            case .alerts: alert(try Alert(decoding: value))
            case .experiments: try book.apply(try ExperimentRecord(decoding: value))
            case .exposures: book.apply(try exposure(value, record))
            case .outcomes: book.apply(try outcome(value, record))
            case .trends: trends.apply(try TrendRecord(decoding: value, partitions: table.partitions))
            case .forecasts:
                let forecast = try PartitionForecast(decoding: value, partitions: table.partitions)
                live.apply(forecast)
                quality.apply(forecast, key: forecast.key(table.partitions))
            case .quality: quality.apply(try ModelQuality(decoding: value))
            }
        } catch {
            rejected.add(1, ordering: .relaxed)
        }
    }

    private func exposure(
        _ value: RawSpan, _ record: borrowing Record
    ) throws(Rejection) -> RoutingExposure {
        let exposure = try RoutingExposure(decoding: value)
        try eventTime.check(exposure.time, published: record.timestamp)
        return exposure
    }

    /// An outcome counts when it was decided on, which the decision's name says.
    private func outcome(_ value: RawSpan, _ record: borrowing Record) throws(Rejection) -> RoutingOutcome {
        let outcome = try RoutingOutcome(decoding: value)
        try eventTime.check(outcome.time, published: record.timestamp)
        if let decided = DecisionName.time(outcome.decision) {
            try eventTime.check(decided, published: record.timestamp, "the time in decision")
        }
        return outcome
    }

    private func command(_ record: borrowing Record) {
        guard let command = try? records.command(record), live.apply(command) else { return }
        var writer = JSONWriter()
        command.encode(names: names, into: &writer)
        hub.send("command", writer.bytes)
    }

    private func alert(_ alert: Alert) {
        live.apply(alert)
        var writer = JSONWriter()
        alert.encode(into: &writer)
        hub.send("alert", writer.bytes)
    }
}
