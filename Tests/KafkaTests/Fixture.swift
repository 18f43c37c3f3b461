import EmbeddedKafka
import Kafka
import Logging

/// A cluster of its own for one test, with one topic of two topic partitions.
final class Fixture {
    let cluster: EmbeddedKafka
    let logger: Logger
    let topic = "things"

    init() throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        self.logger = logger
        cluster = try EmbeddedKafka(logger: logger)
        try cluster.createTopic(topic, topicPartitions: 2)
    }

    var configuration: ClientConfiguration { ClientConfiguration(brokers: cluster.brokers) }

    func producer(_ settings: [String: String] = [:]) throws -> Producer {
        try Producer(configuration.setting(settings), logger: logger)
    }

    func consumer(_ settings: [String: String] = [:]) throws -> Consumer {
        try Consumer(
            configuration.setting([
                "group.id": "tests", "fetch.wait.max.ms": "10", "session.timeout.ms": "4000",
                "heartbeat.interval.ms": "500",
            ]).setting(settings),
            logger: logger)
    }

    func publish(_ values: [String], partition: Int32 = 0) throws {
        let producer = try producer()
        try producer.send(buffer(values, partition: partition))
        try producer.flush()
    }

    func buffer(_ values: [String], partition: Int32 = 0, headers: [Header] = []) -> RecordBuffer {
        var buffer = RecordBuffer(topics: [topic])
        for value in values {
            buffer.append(
                topic: 0, partition: partition, key: "k".utf8Span.span.bytes,
                value: value.utf8Span.span.bytes,
                headers: headers)
        }
        return buffer
    }
}

/// A record copied out of a batch.
struct Copied: Equatable {
    var partition: Int32
    var offset: Int64
    var key: String?
    var value: String?
    var headers: [Header] = []
}

extension Consumer {
    /// Polls until `count` records came, or 60 s passed: some brokers let a group's first member wait for half a
    /// minute.
    func take(_ count: Int, answering: (Rebalance) throws -> Void) throws -> [Copied] {
        var result: [Copied] = []
        let end = ContinuousClock.now + .seconds(60)
        while result.count < count, ContinuousClock.now < end {
            let batch = poll(maximum: 100, timeoutMilliseconds: 50)
            for i in 0..<batch.count where batch.event(at: i) == nil {
                result.append(copy(batch.record(at: i)))
            }
            if let rebalance = takeRebalance() { try answering(rebalance) }
        }
        return result
    }

    func take(_ count: Int) throws -> [Copied] { try take(count) { try accept($0) } }
}

func copy(_ record: borrowing Record) -> Copied {
    Copied(
        partition: record.partition, offset: record.offset, key: text(record.key), value: text(record.value),
        headers: record.headers())
}

func text(_ bytes: RawSpan?) -> String? {
    guard let bytes else { return nil }
    return bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
}

/// The error that `body` throws, or nil.
func failure(of body: () throws(KafkaError) -> Void) -> KafkaError? {
    do throws(KafkaError) {
        try body()
        return nil
    } catch { return error }
}
