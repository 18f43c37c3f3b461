import Contracts
import Kafka
import Logging
import Workload

/// Sends trace records to `interactions`, in their order, in runs.
///
/// Keys are spread by murmur2, as Java clients do, so that it does not matter who publishes.
final class Publisher {
    /// What was published.
    struct Totals: Sendable {
        var records = 0
        var bytes = 0
        /// The latest event time.
        var last: EventTime?
    }

    private let producer: Producer
    private var buffer: RecordBuffer
    private(set) var totals = Totals()

    /// Records handed to librdkafka at once.
    private static let runRecords = 500
    private static let interactions = 0
    private static let telemetry = 1

    init(_ client: ClientConfiguration, topics: [String], logger: Logger) throws(KafkaError) {
        producer = try Producer(
            client.setting(["partitioner": "murmur2_random"]).defaulting([
                "linger.ms": "20", "compression.codec": "lz4",
            ]), logger: logger)
        buffer = RecordBuffer(topics: topics)
    }

    /// Sends a record, sooner or later.
    func publish(_ record: TraceRecord) throws(KafkaError) {
        buffer.append(
            topic: Self.interactions, partition: -1, key: record.key.span.bytes,
            value: record.value.span.bytes)
        totals.records += 1
        totals.bytes += record.value.count
        if let time = record.time { totals.last = max(totals.last ?? time, time) }
        if buffer.count >= Self.runRecords { try send() }
    }

    /// Sends telemetry, in order with the rest. The topic must be the second of this publisher.
    func publishTelemetry(_ value: [UInt8], key: String) throws(KafkaError) {
        buffer.append(
            topic: Self.telemetry, partition: 0, key: key.utf8Span.span.bytes, value: value.span.bytes)
    }

    /// Says in topic partitions 0..<count of topic number `topic` that nothing before `time` will follow.
    func mark(completeThrough time: EventTime, topic: Int, topicPartitions: Int32) throws(KafkaError) {
        let header = Header(Mark.headerName, Mark.completeThrough(time).text)
        for number in 0..<topicPartitions {
            buffer.append(topic: topic, partition: number, key: nil, value: nil, headers: [header])
        }
        try send()
    }

    /// Hands over what waits here.
    func send() throws(KafkaError) {
        try producer.send(buffer)
        buffer.removeAll()
        try producer.throwDeliveryFailure()
    }

    /// Returns when everything is acknowledged.
    func finish() throws(KafkaError) {
        try send()
        try producer.flush(timeoutMilliseconds: 60_000)
    }
}
