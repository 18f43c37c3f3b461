public import Contracts
public import Kafka
public import Streams
internal import Trends

/// The trend aggregator: vector changes in, sums per home and partition out, one record per closed window.
public struct TrendsProcessor: Processor {
    /// What one task has done.
    public struct Report: Sendable, Equatable {
        /// Records read.
        public var records: Int64 = 0
        /// Records that could not be read, which nobody but this project's own updater can have written.
        public var unreadable: Int64 = 0
        /// Customers that contribute.
        public var customers: Int64 = 0
        /// Records put out.
        public var published: Int64 = 0

        /// Nothing done yet.
        public init() {}
    }

    private static let trends = 0

    /// The stage.
    public static func stage(
        _ configuration: PipelineConfiguration, _ partitions: PartitionMap,
        _ topics: PipelineTopics = PipelineTopics()
    ) -> PipelineStage<TrendsProcessor> {
        let fingerprint = Fingerprint.of(configuration.trends, partitions.names)
        return PipelineStage(
            name: "trends", inputs: [topics.name(TopicName.affinityVectors)],
            outputs: [topics.name(TopicName.partitionTrends)],
            snapshots: .init(topic: topics.name(TopicName.trendsSnapshots), fingerprint: fingerprint)
        ) {
            TrendsProcessor($0, configuration, partitions)
        }
    }

    private let names: PartitionNames
    private var decoder: VectorSummaryDecoder
    private var update = VectorUpdate()
    private var aggregator: TrendAggregator
    private var writer = JSONWriter()
    private var key: String
    private var counts = Report()

    /// Whether the updater said that its input is idle.
    public private(set) var isIdle = false

    init(_ place: TaskPlace, _ configuration: PipelineConfiguration, _ partitions: PartitionMap) {
        names = PartitionNames(partitions)
        decoder = VectorSummaryDecoder(partitions: partitions)
        aggregator = TrendAggregator(
            source: place.number, sources: place.count, configuration: configuration.trends)
        key = String(place.number)
    }

    /// What the task has done so far.
    public var report: Report {
        var report = counts
        report.customers = Int64(aggregator.customerCount)
        return report
    }

    /// How many customers changed since the last snapshot.
    public var changedEntries: Int { aggregator.changedCustomers }

    /// Saves the customers that changed, then the rest.
    public mutating func save(into snapshot: inout SnapshotWriter) {
        aggregator.takeChanges { snapshot.put(entry: $0, state: $1) }
        var state = StateWriter()
        state.write(isIdle)
        for count in [counts.records, counts.unreadable, counts.published] { state.write(count) }
        var shared = StateWriter()
        aggregator.encodeShared(into: &shared)
        state.write(shared.bytes.span.bytes)
        snapshot.put(shared: state.bytes.span.bytes)
    }

    /// Takes a customer's contribution over.
    public mutating func restore(entry key: RawSpan, state: RawSpan?) throws(SnapshotFailure) {
        do throws(StateFailure) {
            try aggregator.restore(customer: key, state: state)
        } catch {
            throw SnapshotFailure(error)
        }
    }

    /// Takes over the rest.
    public mutating func restore(shared state: RawSpan) throws(SnapshotFailure) {
        do throws(StateFailure) {
            var reader = StateReader(state)
            isIdle = try reader.read()
            counts.records = try reader.read()
            counts.unreadable = try reader.read()
            counts.published = try reader.read()
            let shared = try reader.readBytes()
            try reader.finish()
            try aggregator.restoreShared(shared.span.bytes)
        } catch {
            throw SnapshotFailure(error)
        }
    }

    /// Applies a vector change, a tombstone or a mark.
    public mutating func process(_ record: borrowing Record, input: Int, outputs: inout Outputs) {
        counts.records += 1
        if let value = record.value {
            apply(value, &outputs)
        } else if record.hasHeaders, let mark = Mark(record.headers()) {
            apply(mark, &outputs)
        } else if let customer = record.key {
            aggregator.forget(customer: customer)
        }
    }

    private mutating func apply(_ value: RawSpan, _ outputs: inout Outputs) {
        do throws(Rejection) {
            try decoder.decode(value)
        } catch {
            counts.unreadable += 1
            return
        }
        isIdle = false
        refill()
        var closed: [TrendRecord] = []
        decoder.withCustomer(in: value) { customer in
            aggregator.apply(customer: customer, update) { closed.append($0) }
        }
        put(closed, &outputs)
    }

    private mutating func refill() {
        update.sequence = decoder.sequence
        update.time = decoder.time
        update.home = decoder.home
        update.access = decoder.access
        update.rateMilli = decoder.rateMilli
        update.volume = decoder.volume
        update.isDormant = decoder.isDormant
        update.high.removeAll(keepingCapacity: true)
        update.high.append(contentsOf: decoder.high)
        update.shares.removeAll(keepingCapacity: true)
        for (partition, units) in decoder.shares {
            update.shares.append(.init(partition: partition, share: units))
        }
    }

    private mutating func apply(_ mark: Mark, _ outputs: inout Outputs) {
        var closed: [TrendRecord] = []
        switch mark {
        case .idle:
            isIdle = true
            aggregator.mark(completeThrough: nil, idle: true) { closed.append($0) }
        case .completeThrough(let time):
            aggregator.mark(completeThrough: time, idle: false) { closed.append($0) }
        }
        put(closed, &outputs)
    }

    private mutating func put(_ records: [TrendRecord], _ outputs: inout Outputs) {
        for record in records {
            counts.published += 1
            writer.removeAll()
            record.encode(names: names, into: &writer)
            outputs.append(
                topic: Self.trends, partition: 0, key: key.utf8Span.span.bytes, value: writer.bytes.span.bytes
            )
        }
    }
}
