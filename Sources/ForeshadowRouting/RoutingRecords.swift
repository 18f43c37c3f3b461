public import Contracts
public import Kafka
internal import Synchronization

/// Takes the records of the four topics a router follows into its table.
public final class RoutingRecords: Sendable {
    /// The topics, by their place in `topics`.
    public enum Source: Int, Sendable, CaseIterable {
        /// `affinity-vectors`.
        case vectors
        /// `customers`.
        case profiles
        /// `partition-commands`.
        case commands
        /// `partition-telemetry`.
        case telemetry

        /// The topic's name, without prefix.
        public var topic: String {
            switch self {
            case .vectors: TopicName.affinityVectors
            case .profiles: TopicName.customers
            case .commands: TopicName.partitionCommands
            case .telemetry: TopicName.partitionTelemetry
            }
        }
    }

    private let table: RoutingTable
    private let eventTime: EventTimeLimit
    private let decoder: Mutex<VectorSummaryDecoder>
    private let rejected = Atomic<Int>(0)

    /// Feeds `table`, with no telemetry whose time is further after its record's time stamp than `eventTime` allows.
    public init(_ table: RoutingTable, eventTime: EventTimeLimit = EventTimeLimit()) {
        self.table = table
        self.eventTime = eventTime
        decoder = Mutex(VectorSummaryDecoder(partitions: table.partitions, readsNext: true))
    }

    /// Records that could not be used since the start: the configuration is not the pipeline's, or somebody else wrote.
    public var rejectedCount: Int { rejected.load(ordering: .relaxed) }

    /// Takes a record. One that cannot be used is counted and changes nothing.
    public func apply(_ source: Source, _ record: borrowing Record) {
        do throws(Rejection) {
            switch source {
            case .vectors: try vector(record)
            case .profiles: try profile(record)
            case .commands:
                if let command = try command(record) { table.apply(command) }
            case .telemetry:
                if let telemetry = try telemetry(record) { table.apply(telemetry) }
            }
        } catch {
            rejected.add(1, ordering: .relaxed)
        }
    }

    /// The command in a record; nil if there is no value.
    public func command(_ record: borrowing Record) throws(Rejection) -> ShadowCommand? {
        guard let value = record.value else { return nil }
        return try ShadowCommand(decoding: value, partitions: table.partitions)
    }

    /// The telemetry in a record; nil if there is no value. Throws, too, if its time is too far in the future.
    public func telemetry(_ record: borrowing Record) throws(Rejection) -> Telemetry? {
        guard let value = record.value else { return nil }
        let telemetry = try Telemetry(decoding: value, partitions: table.partitions)
        try eventTime.check(telemetry.time, published: record.timestamp)
        return telemetry
    }

    private func vector(_ record: borrowing Record) throws(Rejection) {
        guard let customer = record.key else { return }
        guard let value = record.value else { return forget(customer, record) }
        try decoder.withLock { decoder throws(Rejection) in
            try decoder.decode(value)
            table.apply(decoder, customer: customer)
        }
    }

    private func profile(_ record: borrowing Record) throws(Rejection) {
        guard let customer = record.key else { return }
        guard let value = record.value else { return forget(customer, record) }
        table.apply(
            try CustomerProfile(decoding: value, key: customer, partitions: table.partitions),
            customer: customer)
    }

    /// A mark of progress has no value either.
    private func forget(_ customer: RawSpan, _ record: borrowing Record) {
        if record.hasHeaders, record.headers().contains(where: { $0.name == Mark.headerName }) { return }
        table.forget(customer)
    }
}
