import EmbeddedKafka
import Kafka
import Logging
import Testing

@testable import ForeshadowRouting

/// Records that the cluster would never take, among others.
@Suite struct RecordPublisherTests {
    private static var quiet: Logger { Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }) }

    private func record(_ topic: String, _ text: String) -> RecordPublisher.Waiting {
        .init(topic: topic, key: Array("k".utf8), value: Array(text.utf8))
    }

    /// Publishes until nothing waits any more.
    private func publish(_ publisher: RecordPublisher, _ records: [RecordPublisher.Waiting]) async throws {
        let run = Task { try await publisher.run() }
        #expect(publisher.offer(records))
        while publisher.waitingCount > 0 { try await Task.sleep(for: .milliseconds(5)) }
        publisher.stop()
        try await run.value
    }

    private func values(_ broker: EmbeddedKafka, _ topic: String) async throws -> [String] {
        let client = ClientConfiguration(brokers: broker.brokers)
        return try await DedicatedThread.run(named: "test") {
            let place = TopicPartition(topic, 0)
            let end = try Admin(client, logger: Self.quiet).watermarks(of: place).upperBound
            let consumer = try Consumer(client.setting(["fetch.wait.max.ms": "10"]), logger: Self.quiet)
            defer { consumer.close() }
            try consumer.assign([place: 0])
            var values: [String] = []
            while true {
                let batch = consumer.poll(maximum: 1_000, timeoutMilliseconds: 50)
                for i in 0..<batch.count {
                    switch batch.event(at: i) {
                    case nil:
                        values.append(
                            String(decoding: StoredRecord(batch.record(at: i)).value ?? [], as: UTF8.self))
                    case .end(_, let next): if next >= end { return values }
                    case .failure(let error): throw error
                    }
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a record that is too large is dropped, and those behind it go on in their order`() async throws {
        let broker = try EmbeddedKafka(logger: Self.quiet)
        try broker.createTopic("orders", topicPartitions: 1, settings: ["max.message.bytes": "100000"])
        let publisher = RecordPublisher(
            ClientConfiguration(brokers: broker.brokers, settings: ["compression.codec": "none"]),
            waitingMax: 100, logger: Self.quiet)
        let large = String(repeating: "x", count: 110_000)
        try await publish(
            publisher, ["1", "2", large, "3", "4"].map { record("orders", $0) })
        #expect(try await values(broker, "orders") == ["1", "2", "3", "4"])
        #expect(publisher.publishedCount == 4 && publisher.dropped == ["orders": 1])
    }

    @Test(.timeLimit(.minutes(2)))
    func `of a batch that is refused only the record that is meant is dropped`() async throws {
        let broker = try EmbeddedKafka(logger: Self.quiet)
        // Small enough that the record is not large for its sender.
        try broker.createTopic("orders", topicPartitions: 1, settings: ["max.message.bytes": "1000"])
        let publisher = RecordPublisher(
            ClientConfiguration(brokers: broker.brokers, settings: ["compression.codec": "none"]),
            waitingMax: 100, logger: Self.quiet)
        let large = String(repeating: "x", count: 2_000)
        try await publish(publisher, ["1", "2", large, "3", "4"].map { record("orders", $0) })
        // Which of them were in that batch is for librdkafka to say; those come after the others.
        #expect(try await values(broker, "orders").sorted() == ["1", "2", "3", "4"])
        #expect(publisher.publishedCount == 4 && publisher.dropped == ["orders": 1])
    }

    @Test(.timeLimit(.minutes(2)))
    func `records to a topic that is missing are dropped, and others go on`() async throws {
        var limits = BrokerLimits()
        limits.createsTopics = false
        let broker = try EmbeddedKafka(limits: limits, logger: Self.quiet)
        for topic in ["orders", "outcomes"] { try broker.createTopic(topic, topicPartitions: 1) }
        let publisher = RecordPublisher(
            ClientConfiguration(brokers: broker.brokers), waitingMax: 100, logger: Self.quiet)
        try await publish(
            publisher,
            [record("orders", "1"), record("missing", "2"), record("outcomes", "3"), record("orders", "4")])
        #expect(try await values(broker, "orders") == ["1", "4"])
        #expect(try await values(broker, "outcomes") == ["3"])
        #expect(publisher.dropped == ["missing": 1])
    }

    @Test(.timeLimit(.minutes(2)))
    func `what waits for the cluster is published once when it is back`() async throws {
        let broker = try EmbeddedKafka(logger: Self.quiet)
        try broker.createTopic("orders", topicPartitions: 1)
        let publisher = RecordPublisher(
            ClientConfiguration(brokers: broker.brokers, settings: ["reconnect.backoff.max.ms": "200"]),
            waitingMax: 100, logger: Self.quiet)
        let run = Task { try await publisher.run() }
        #expect(publisher.offer([record("orders", "1")]))
        while publisher.publishedCount < 1 { try await Task.sleep(for: .milliseconds(5)) }
        // The answer to the next record is lost, and then the broker.
        try broker.inject(Fault(.loseAnswer, on: "Produce"))
        #expect(publisher.offer((2...5).map { record("orders", "\($0)") }))
        try broker.setOnline(false)
        #expect(publisher.offer((6...9).map { record("orders", "\($0)") }))
        #expect(publisher.waitingCount >= 4)
        try broker.setOnline(true)
        while publisher.publishedCount < 9 { try await Task.sleep(for: .milliseconds(5)) }
        publisher.stop()
        try await run.value
        #expect(try await values(broker, "orders") == (1...9).map(String.init))
    }
}
