import Contracts
import Kafka
import Pipeline
import Trends

@testable import Streams

/// One planner without a cluster: records in, records out, and its state as snapshots hold it.
struct PlannerStand {
    static let names = ["us-east", "us-west", "eu-west"]
    static let hour: EventTime = 3_600_000
    static let trends = 0
    static let telemetry = 1

    /// A record of one of its inputs.
    struct Given: Sendable {
        var input: Int
        var record: StoredRecord
    }

    private(set) var stage: PipelineStage<PlannerProcessor>
    private var processor: PlannerProcessor
    private(set) var made: [StoredRecord] = []
    /// The newest snapshot of each entry, and what entries share.
    private(set) var entries: [[UInt8]: [UInt8]] = [:]
    var shared: [UInt8] = []
    private var offsets: [Int64] = [0, 0]

    init(
        _ configuration: PipelineConfiguration = PipelineConfiguration(),
        _ topics: PipelineTopics = PipelineTopics(), names: [String] = names
    ) throws {
        stage = PlannerProcessor.stage(configuration, try PartitionMap(names), topics)
        processor = stage.make(TaskPlace(number: 0, count: 1))
    }

    var report: PlannerProcessor.Report { processor.report }

    /// What was put out to a topic.
    func values(_ topic: String) -> [[UInt8]] { made.filter { $0.place.topic == topic }.compactMap(\.value) }

    /// The alerts so far.
    var alerts: [Alert] {
        get throws { try values(TopicName.alerts).map { try Alert(decoding: $0.span.bytes) } }
    }

    mutating func apply(_ given: Given) throws {
        var record = given.record
        record.offset = offsets[given.input]
        offsets[given.input] += 1
        var outputs = Outputs(topics: stage.outputs)
        let batch = MessageBatch([.record(record)], topics: [StoredTopic(record.place.topic)])
        processor.process(batch.record(at: 0), input: given.input, outputs: &outputs)
        try outputs.buffer.forEach(names: stage.outputs.map { StoredTopic($0) }, timestamp: nil) {
            (_, record) throws(KafkaError) in made.append(StoredRecord(record))
        }
    }

    mutating func apply(_ given: [Given]) throws { for given in given { try apply(given) } }

    mutating func save() throws {
        var writer = SnapshotWriter(RecordBuffer(topics: ["snapshots"]), partition: 0)
        processor.save(into: &writer)
        try writer.records.forEach(names: [StoredTopic("snapshots")], timestamp: nil) {
            (_, record) throws(KafkaError) in
            let copy = StoredRecord(record)
            entries[Array((copy.key ?? []).dropFirst())] = copy.value
        }
        shared = writer.shared
    }

    /// Goes on with a processor that was made from the snapshots, maybe under another configuration.
    mutating func restore(_ configuration: PipelineConfiguration? = nil) throws {
        if let configuration {
            stage = PlannerProcessor.stage(configuration, try PartitionMap(Self.names))
        }
        var fresh = stage.make(TaskPlace(number: 0, count: 1))
        for (key, state) in entries.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            try fresh.restore(entry: key.span.bytes, state: state.span.bytes)
        }
        try fresh.restore(shared: shared.span.bytes)
        processor = fresh
    }

    /// A sample in the window of that number.
    static func sample(
        _ partition: PartitionIndex, window: Int64, _ change: (inout Telemetry) -> Void = { _ in }
    ) throws -> Given {
        var sample = Telemetry(
            partition: partition, time: window * hour + 1, reads: 900, writes: 100, errors: 0,
            latencyP50Micros: 900, latencyP99Micros: 5_000, utilisationMilli: 300, replicaLagMillis: 5,
            divergenceSampled: 50, divergenceFound: 0)
        change(&sample)
        var writer = JSONWriter()
        sample.encode(names: PartitionNames(try PartitionMap(names)), into: &writer)
        return given(TopicName.partitionTelemetry, writer.bytes)
    }

    /// The sums of the window of that number: of 300 customers of us-east so many have eu-west high; nil: no news.
    static func sums(window: Int64, high: Int64?) throws -> Given {
        let flows = high.map {
            [Flow(home: 0, partition: 2, customers: 300, highCustomers: $0, anticipatedVolume: 0)]
        }
        let end = (window + 1) * hour
        let record = TrendRecord(
            source: 0, sources: 1, windowStart: end - hour, windowEnd: end, completeThrough: end,
            idle: false, flows: flows ?? [])
        var writer = JSONWriter()
        record.encode(names: PartitionNames(try PartitionMap(names)), into: &writer)
        return given(TopicName.partitionTrends, writer.bytes)
    }

    /// Nothing of before the end of that window will follow.
    static func mark(window: Int64) -> Given { mark(.completeThrough((window + 1) * hour)) }

    static func mark(_ mark: Mark) -> Given {
        given(TopicName.partitionTelemetry, nil, [Header(Mark.headerName, mark.text)])
    }

    /// Telemetry that nobody can read.
    static let garbage = given(TopicName.partitionTelemetry, Array("{".utf8))

    private static func given(_ topic: String, _ value: [UInt8]?, _ headers: [Header] = []) -> Given {
        Given(
            input: topic == TopicName.partitionTrends ? trends : telemetry,
            record: StoredRecord(
                place: TopicPartition(topic, 0), offset: 0, key: nil, value: value, headers: headers))
    }

    /// A whole window, all partitions healthy but as `change` has it.
    static func window(
        _ number: Int64, high: Int64? = 1, _ change: (inout Telemetry) -> Void = { _ in }
    ) throws -> [Given] {
        try (0..<3 as Range<PartitionIndex>).map { try sample($0, window: number, change) }
            + [mark(window: number), sums(window: number, high: high)]
    }
}

extension [Alert] {
    /// `rule state` of each.
    var short: [String] { map { "\($0.rule) \($0.state.rawValue)" } }
}
