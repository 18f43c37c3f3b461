import Affinity
import Contracts
import Kafka
import Pipeline

@testable import Streams

/// One updater without a cluster: records in, records out, and its state as snapshots hold it.
struct UpdaterStand {
    /// A record that was put out.
    struct Made: Equatable {
        var output: Int
        var key: [UInt8]?
        var value: [UInt8]?
        var headers: [String: String]

        var text: String { value.map { String(decoding: $0, as: UTF8.self) } ?? "(none)" }
    }

    static let names = ["us-east", "us-west", "eu-west"]
    static let vectors = 0
    static let deadLetters = 1
    static let quality = 2

    private let stage: PipelineStage<UpdaterProcessor>
    private var processor: UpdaterProcessor
    private(set) var made: [Made] = []
    /// Every record of the snapshots so far.
    private var saved: [StoredRecord] = []

    init(_ configuration: PipelineConfiguration = PipelineConfiguration()) throws {
        stage = UpdaterProcessor.stage(configuration, try PartitionMap(Self.names))
        processor = stage.make(TaskPlace(number: 0, count: 1))
    }

    var report: UpdaterProcessor.Report { processor.report }
    var dead: [Made] { made.filter { $0.output == Self.deadLetters } }

    /// How good the forecasts were, as it was put out.
    var quality: [ModelQuality] {
        get throws {
            try made.filter { $0.output == Self.quality }.compactMap(\.value).map {
                try ModelQuality(decoding: $0.span.bytes)
            }
        }
    }

    mutating func apply(_ records: [StoredRecord]) throws {
        var outputs = Outputs(topics: stage.outputs)
        let batch = MessageBatch(
            records.map { .record($0) }, topics: [StoredTopic(TopicName.interactions)])
        for i in 0..<batch.count { processor.process(batch.record(at: i), input: 0, outputs: &outputs) }
        try outputs.buffer.forEach(names: stage.outputs.map { StoredTopic($0) }, timestamp: nil) {
            (output, record) throws(KafkaError) in
            let copy = StoredRecord(record)
            let headers = copy.headers.map { ($0.name, String(decoding: $0.value ?? [], as: UTF8.self)) }
            made.append(
                Made(
                    output: output, key: copy.key, value: copy.value,
                    headers: Dictionary(headers) { $1 }))
        }
    }

    /// Saves the state and goes on with a processor that was made from all snapshots so far.
    mutating func restart() throws {
        var writer = SnapshotWriter(RecordBuffer(topics: ["snapshots"]), partition: 0)
        processor.save(into: &writer)
        try writer.records.forEach(names: [StoredTopic("snapshots")], timestamp: nil) {
            (_, record) throws(KafkaError) in
            saved.append(StoredRecord(record))
        }
        processor = stage.make(TaskPlace(number: 0, count: 1))
        for record in saved {
            let key = Array((record.key ?? []).dropFirst())
            try processor.restore(entry: key.span.bytes, state: record.value?.span.bytes)
        }
        try processor.restore(shared: writer.shared.span.bytes)
    }

    /// An interaction at that offset: customers who go back and forth, each in a way of its own.
    static func interaction(_ offset: Int64) -> StoredRecord {
        let customer = "c\(offset % 7)"
        let region = names[Int((offset / 7 * (offset % 7 + 1) / 3) % 3)]
        let time = 1_767_571_200_000 + offset * 600_000
        let value =
            #"{"id":"\#(offset)","customer":"\#(customer)","time":\#(time),"kind":"purchase","region":"\#(region)"}"#
        return record(offset, key: Array(customer.utf8), value: Array(value.utf8), [])
    }

    /// A switch at that offset.
    static func mark(_ offset: Int64, _ file: [UInt8]?) -> StoredRecord {
        record(offset, key: nil, value: file, [Header(Mark.headerName, Mark.model)])
    }

    private static func record(
        _ offset: Int64, key: [UInt8]?, value: [UInt8]?, _ headers: [Header]
    ) -> StoredRecord {
        StoredRecord(
            place: TopicPartition(TopicName.interactions, 0), offset: offset, timestamp: 1_800_000_000_000,
            key: key, value: value, headers: headers)
    }

    /// A model as training would begin with it.
    static func model(_ name: String, partitions: [String] = names, units: Int = 8) throws -> Model {
        var shape = NetworkShape(
            partitions: partitions.count, experts: Expert.rows - 1, regions: 3, domains: 0, kinds: 1,
            denseInputs: NetworkInputs.dense, features: NetworkInputs.features,
            timeFeatures: NetworkInputs.timeFeatures)
        shape.hidden = units
        shape.headUnits = 8
        return try Model(
            origin: .init(name: name, createdFrom: "nothing"),
            names: .init(partitions: partitions, regions: names, domains: [], kinds: ["purchase"]),
            shareDiscount: 0.9,
            weights: NetworkWeights(shape, seed: ByteHash.hash(name.utf8Span.span.bytes)))
    }
}
