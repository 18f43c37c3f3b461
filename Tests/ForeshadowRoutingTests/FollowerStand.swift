import EmbeddedKafka
import Foundation
import Kafka
import Logging
import Synchronization

@testable import ForeshadowRouting

/// A follower of two topics on a broker of its own, and what it has applied.
final class FollowerStand: Sendable {
    static let topics = ["vectors", "commands"]

    let broker: EmbeddedKafka
    let follower: TopicFollower
    private let table = Mutex<(values: [String], startedOver: Int)>(([], 0))

    static var quiet: Logger { Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }) }

    init(_ timing: FollowerTiming = soon) throws {
        var limits = BrokerLimits()
        // Whoever asks for a topic that is gone must not bring it back.
        limits.createsTopics = false
        broker = try EmbeddedKafka(limits: limits, logger: Self.quiet)
        for topic in Self.topics { try broker.createTopic(topic, topicPartitions: 1) }
        // So named that it alone can be cut off from the broker.
        let client = ClientConfiguration(
            brokers: broker.brokers,
            settings: ["client.id": "follower", "reconnect.backoff.max.ms": "200"])
        let box = Box()
        follower = TopicFollower(
            client, topics: Self.topics, timing: timing, logger: Self.quiet,
            startOver: { box.stand?.startOver() }, apply: { box.stand?.apply($1) })
        box.stand = self
    }

    /// Lets the follower, which the stand holds, reach the stand.
    private final class Box: Sendable {
        private let held = Mutex<Held>(Held())
        private struct Held { weak var stand: FollowerStand? }

        var stand: FollowerStand? {
            get { held.withLock { $0.stand } }
            set { held.withLock { $0.stand = newValue } }
        }
    }

    /// Sees changes soon, so that tests need not wait.
    static var soon: FollowerTiming {
        var timing = FollowerTiming()
        timing.topicsAsked = .milliseconds(100)
        timing.awayAfter = .milliseconds(500)
        return timing
    }

    private func apply(_ record: borrowing Record) {
        let value = StoredRecord(record).value ?? []
        table.withLock { $0.values.append(String(decoding: value, as: UTF8.self)) }
    }

    private func startOver() {
        table.withLock {
            $0.values = []
            $0.startedOver += 1
        }
    }

    /// The values applied, sorted.
    var values: [String] { table.withLock { $0.values }.sorted() }
    var startedOver: Int { table.withLock { $0.startedOver } }

    func publish(_ values: [String], to topic: String = topics[0], partition: Int32 = 0) async throws {
        let client = ClientConfiguration(brokers: broker.brokers)
        try await DedicatedThread.run(named: "test") {
            let producer = try Producer(client, logger: Self.quiet)
            var buffer = RecordBuffer(topics: [topic])
            for value in values {
                buffer.append(
                    topic: 0, partition: partition, key: "k".utf8Span.span.bytes,
                    value: value.utf8Span.span.bytes)
            }
            try producer.send(buffer)
            try producer.flush()
        }
    }

    func admin(_ body: @Sendable @escaping (Admin) throws -> Void) async throws {
        let client = ClientConfiguration(brokers: broker.brokers)
        try await DedicatedThread.run(named: "test") { try body(try Admin(client, logger: Self.quiet)) }
    }

    func replaceTopic() throws {
        try broker.deleteTopic(Self.topics[0])
        try broker.createTopic(Self.topics[0], topicPartitions: 1)
    }

    /// Lets nothing of the follower reach the broker while `body` runs.
    func cutOff(_ body: () async throws -> Void) async throws {
        try broker.inject(Fault(.drop, times: nil, client: "follower"))
        // Until it has noticed.
        try await until { (follower.current.map { ContinuousClock.now - $0 } ?? .zero) > .seconds(2) }
        try await body()
        try broker.clearFaults()
    }

    func until(_ condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// Runs the follower while `body` runs.
    func following(_ body: () async throws -> Void) async throws {
        let run = Task { try await follower.run() }
        defer { follower.stop() }
        try await until { follower.status.isCaughtUp }
        try await body()
        follower.stop()
        try await run.value
    }
}
