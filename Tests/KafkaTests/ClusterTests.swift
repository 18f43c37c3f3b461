import EmbeddedKafka
import Foundation
import Kafka
import Logging
import Testing

/// What needs a cluster with administration and transactions: the one that FORESHADOW_TEST_BROKERS names, or an
/// embedded one. Topics are named at random and stay behind.
struct ClusterTests {
    let topic = "foreshadow-test-\(UUID().uuidString.lowercased())"
    let logger: Logger
    let configuration: ClientConfiguration
    private let embedded: EmbeddedKafka?

    init() throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        self.logger = logger
        let brokers = ProcessInfo.processInfo.environment["FORESHADOW_TEST_BROKERS"]
        embedded = try brokers == nil ? EmbeddedKafka(logger: logger) : nil
        configuration = ClientConfiguration(brokers: brokers ?? embedded?.brokers ?? "")
    }

    @Test func `a topic is created as described, and creating it twice says so`() async throws {
        let (configuration, logger, topic) = (configuration, logger, topic)
        let got = try await DedicatedThread.run(named: "test") {
            let admin = try Admin(configuration, logger: logger)
            try admin.createTopic(
                topic, topicPartitions: 3, replicas: 1, settings: ["cleanup.policy": "compact"])
            let error = failure { () throws(KafkaError) in
                try admin.createTopic(topic, topicPartitions: 3, replicas: 1)
            }
            return (
                count: try admin.topics().first { $0.name == topic }?.topicPartitions,
                policy: try admin.settings(ofTopic: topic)["cleanup.policy"]?.value, error: error
            )
        }
        #expect(got.count == 3)
        #expect(got.policy == "compact")
        #expect(got.error?.isTopicExists == true)
    }

    @Test func `a transaction commits its consumer's progress, and the lag shows it`() async throws {
        let (configuration, logger, topic) = (configuration, logger, topic)
        let place = TopicPartition(topic, 0)
        let got = try await DedicatedThread.run(named: "test") {
            let admin = try Admin(configuration, logger: logger)
            try admin.createTopic(topic, topicPartitions: 1, replicas: 1)
            let plain = try Producer(configuration, logger: logger)
            for value in ["a", "b", "c"] {
                try plain.send(buffer([value]))
                try plain.flush()
            }
            let group = "group-\(topic)"
            let consumer = try Consumer(configuration.setting(["group.id": group]), logger: logger)
            try consumer.subscribe(to: [topic])
            let seen = try consumer.take(3)
            let producer = try Producer(
                configuration.setting(["transactional.id": "id-\(topic)"]), logger: logger)
            try producer.initTransactions()
            try producer.beginTransaction()
            try producer.sendOffsets([place: 2], of: consumer)
            try producer.commitTransaction()
            return (
                seen: seen.compactMap(\.value), committed: try consumer.committed([place])[place],
                ofGroup: try admin.committedOffsets(ofGroup: group, [place])[place],
                lag: try admin.lag(ofGroup: group, [place])[place], range: try admin.watermarks(of: place),
                first: try admin.offsets(at: 0, of: [place])[place]
            )
        }
        #expect(got.seen == ["a", "b", "c"])
        #expect(got.committed == 2)
        #expect(got.ofGroup == 2)
        #expect(got.lag == 1)
        #expect(got.range == 0..<3)
        #expect(got.first == 0)
    }

    @Test func `members of a group are known by their client ids, and an unknown group is an error`()
        async throws
    {
        let (configuration, logger, topic) = (configuration, logger, topic)
        let got = try await DedicatedThread.run(named: "test") {
            let admin = try Admin(configuration, logger: logger)
            try admin.createTopic(topic, topicPartitions: 1, replicas: 1)
            let producer = try Producer(configuration, logger: logger)
            try producer.send(buffer(["a"]))
            try producer.flush()
            let group = "group-\(topic)"
            let consumer = try Consumer(
                configuration.setting(["group.id": group, "client.id": "me"]), logger: logger)
            try consumer.subscribe(to: [topic])
            _ = try consumer.take(1)
            return (
                clients: try admin.clients(ofGroup: group),
                unknown: failure { () throws(KafkaError) in _ = try admin.clients(ofGroup: "no-\(group)") }
            )
        }
        #expect(got.clients == ["me"])
        #expect(got.unknown != nil)
    }

    private func buffer(_ values: [String]) -> RecordBuffer {
        var buffer = RecordBuffer(topics: [topic])
        for value in values {
            buffer.append(
                topic: 0, partition: 0, key: "k".utf8Span.span.bytes, value: value.utf8Span.span.bytes)
        }
        return buffer
    }
}
