internal import Foundation
internal import Kafka
internal import Logging

/// Sends groups of records, each group once the one before it has come to its end, and tells what became of each record.
struct RecordSender: ~Copyable {
    private let client: ClientConfiguration
    private let logger: Logger
    private let deliveries = DeliveryLog()
    private var producer: Producer?
    private var saysAgain = ContinuousClock.now
    /// Since when records have waited that are not at their end yet.
    private var waitsSince: ContinuousClock.Instant?

    private static let flushMilliseconds: Int32 = 500
    private static let sendMilliseconds: Int32 = 1_000
    private static let groupMax = 10_000
    /// A larger record is sent alone: if it is refused, no other one shares its fate.
    private static let loneBytes = 64 << 10
    /// How long records wait until it is said.
    private static let saysAfter = Duration.seconds(3)
    /// How often it is said that records wait.
    private static let saysEvery = Duration.seconds(10)

    init(_ client: ClientConfiguration, logger: Logger) {
        self.client = client.setting([
            "partitioner": "murmur2_random",
            // A record waits for as long as the cluster is away. It is sent once, whatever the cluster does meanwhile.
            "message.timeout.ms": "0",
        ])
        self.logger = logger
    }

    /// What of `waiting` is sent together next: its first records.
    static func group(_ waiting: [RecordPublisher.Waiting], alone: Bool) -> [RecordPublisher.Waiting] {
        guard let first = waiting.first else { return [] }
        if alone || first.byteCount > loneBytes { return [first] }
        return Array(waiting.prefix(groupMax).prefix { $0.byteCount <= loneBytes })
    }

    /// Whether an error is of a batch of records, of which one may be to blame.
    static func isOfBatch(_ error: KafkaError) -> Bool {
        !["UNKNOWN_TOPIC_OR_PART", "_UNKNOWN_TOPIC", "_UNKNOWN_PARTITION", "TOPIC_AUTHORIZATION_FAILED"]
            .contains(error.name)
    }

    private static func isToBeSentAgain(_ outcome: DeliveryLog.Outcome) -> Bool {
        switch outcome {
        case .acknowledged, .refused: false
        case .waiting, .unknown: true
        }
    }

    /// Sends records and waits until each is in its topic or refused, or until `isOver`. Then some may be unknown: they are
    /// to be sent again, and may come twice. So may they after an error that ends the producer.
    mutating func send(_ records: [RecordPublisher.Waiting], isOver: () -> Bool) -> [DeliveryLog.Outcome] {
        deliveries.removeAll()
        if waitsSince == nil { waitsSince = .now }
        do throws(KafkaError) {
            if producer == nil { producer = try Producer(client, logger: logger, deliveries: deliveries) }
            if let producer { try send(Self.buffer(records), producer, isOver) }
        } catch {
            say(records.count, error)
            close()
            Thread.sleep(forTimeInterval: 0.5)
        }
        let outcomes = records.indices.map { deliveries.outcome(of: $0) }
        if !outcomes.contains(where: Self.isToBeSentAgain) { waitsSince = nil }
        return outcomes
    }

    private mutating func send(_ buffer: RecordBuffer, _ producer: Producer, _ isOver: () -> Bool)
        throws(KafkaError)
    {
        while deliveries.given < buffer.count || deliveries.waiting > 0 {
            if let error = producer.fatalError { throw error }
            do throws(KafkaError) {
                if deliveries.given < buffer.count {
                    _ = try producer.send(
                        buffer, from: deliveries.given, timeoutMilliseconds: Self.sendMilliseconds)
                }
                try producer.flush(timeoutMilliseconds: Self.flushMilliseconds)
            } catch {
                if !error.isRetriable { throw error }
                say(buffer.count, error)
            }
            if isOver() { return close() }
        }
    }

    private static func buffer(_ records: [RecordPublisher.Waiting]) -> RecordBuffer {
        let topics = Set(records.map(\.topic)).sorted()
        var buffer = RecordBuffer(topics: topics)
        for record in records {
            guard let topic = topics.firstIndex(of: record.topic) else { continue }
            buffer.append(
                topic: topic, partition: -1, key: record.key.span.bytes, value: record.value.span.bytes)
        }
        return buffer
    }

    private mutating func say(_ count: Int, _ error: KafkaError) {
        let now = ContinuousClock.now
        if now < saysAgain || now - (waitsSince ?? now) < Self.saysAfter { return }
        saysAgain = now + Self.saysEvery
        logger.warning("\(count) records wait: \(error)")
    }

    /// Ends the producer. What it has not sent is given up.
    mutating func close() {
        producer?.close()
        producer = nil
    }
}
