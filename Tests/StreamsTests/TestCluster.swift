import EmbeddedKafka
import Kafka
import Logging
import Streams

/// An embedded cluster with the topics `in` and `out`, two topic partitions each.
final class TestCluster: @unchecked Sendable {
    // The cluster is only created and kept alive; everything else is set before anything runs.
    let cluster: EmbeddedKafka
    let logger: Logger
    var streams: StreamConfiguration

    init() throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        self.logger = logger
        cluster = try EmbeddedKafka(logger: logger)
        for topic in ["in", "out"] { try cluster.createTopic(topic, topicPartitions: 2) }
        streams = StreamConfiguration(client: ClientConfiguration(brokers: cluster.brokers), instance: "t")
        streams.consumerSettings = [
            "fetch.wait.max.ms": "10", "session.timeout.ms": "4000", "heartbeat.interval.ms": "500",
        ]
        streams.commitIntervalMilliseconds = 20
    }

    /// Publishes numbers; even ones to topic partition 0, odd ones to 1.
    func publish(_ numbers: Range<Int>) async throws {
        let (client, logger) = (streams.client, logger)
        try await DedicatedThread.run(named: "publish") {
            var buffer = RecordBuffer(topics: ["in"])
            for number in numbers {
                buffer.append(
                    topic: 0, partition: Int32(number % 2), key: "k".utf8Span.span.bytes,
                    value: String(number).utf8Span.span.bytes)
            }
            let producer = try Producer(client, logger: logger)
            try producer.send(buffer)
            try producer.flush()
        }
    }

    /// Runs a stage until `body` is done.
    func run<P: Processor, Result: Sendable>(
        _ runner: StageRunner<P>, _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        async let running: Void = runner.run()
        do {
            let result = try await body()
            runner.control.stop()
            try await running
            return result
        } catch {
            runner.control.stop()
            throw error
        }
    }

    /// Reads a topic from its beginning until `count` records came, or 30 s passed: per topic partition the
    /// values, or the headers of records without one.
    func read(_ topic: String, count: Int) async throws -> [Int32: [String]] {
        let (client, logger) = (streams.client, logger)
        return try await DedicatedThread.run(named: "read") {
            let consumer = try Consumer(
                client.setting(["group.id": "reader", "fetch.wait.max.ms": "10"]), logger: logger)
            try consumer.assign([TopicPartition(topic, 0): 0, TopicPartition(topic, 1): 0])
            var result: [Int32: [String]] = [:]
            var seen = 0
            let end = ContinuousClock.now + .seconds(600)
            while seen < count, ContinuousClock.now < end {
                let batch = consumer.poll(maximum: 100, timeoutMilliseconds: 50)
                for i in 0..<batch.count where batch.event(at: i) == nil {
                    let record = batch.record(at: i)
                    seen += 1
                    result[record.partition, default: []].append(Self.text(record))
                }
            }
            return result
        }
    }

    private static func text(_ record: borrowing Record) -> String {
        if let value = record.value { return value.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
        return record.headers().map { "\($0.name)=\(String(decoding: $0.value ?? [], as: UTF8.self))" }
            .joined()
    }
}
