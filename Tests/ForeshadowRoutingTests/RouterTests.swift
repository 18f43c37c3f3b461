import Contracts
import EmbeddedKafka
import ForeshadowRouting
import Kafka
import Logging
import Routing
import Testing

/// The router on a broker, as a data plane embeds it.
@Suite struct RouterTests {
    private static let partitions = ["eu-west", "us-east"]
    private static let topics = [
        TopicName.affinityVectors, TopicName.customers, TopicName.partitionCommands,
        TopicName.partitionTelemetry, TopicName.routingExperiments, TopicName.routingExposures,
        TopicName.routingOutcomes,
    ]

    private static var quiet: Logger { Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }) }

    private func broker(_ topics: [String] = topics) throws -> EmbeddedKafka {
        let broker = try EmbeddedKafka(logger: Self.quiet)
        for topic in topics { try broker.createTopic(topic, topicPartitions: 1, settings: [:]) }
        return broker
    }

    private func publish(_ records: [(topic: String, key: String, value: [UInt8]?)], _ brokers: String)
        async throws
    {
        try await DedicatedThread.run(named: "test") {
            let producer = try Producer(ClientConfiguration(brokers: brokers), logger: Self.quiet)
            var buffer = RecordBuffer(topics: Self.topics)
            for record in records {
                let value = record.value ?? []
                buffer.append(
                    topic: Self.topics.firstIndex(of: record.topic) ?? 0, partition: 0,
                    key: record.key.utf8Span.span.bytes, value: record.value == nil ? nil : value.span.bytes)
            }
            try producer.send(buffer)
            try producer.flush()
        }
    }

    private func vector(_ customer: String, home: PartitionIndex, high: PartitionIndex, sequence: UInt64)
        throws -> [UInt8]
    {
        var change = VectorChange(partitions: 2)
        change.sequence = sequence
        change.home = home
        change.after.share[Int(high)] = 10_000
        change.after.next[Int(high)] = 10_000
        change.after.high = [high]
        var writer = JSONWriter()
        change.encode(
            customer: customer.utf8Span.span.bytes, cause: Cause(topic: "t", topicPartition: 0, offset: 0),
            model: "\"m\"".utf8Span.span.bytes, names: PartitionNames(try PartitionMap(Self.partitions)),
            into: &writer)
        return writer.bytes
    }

    private func promotion() throws -> [UInt8] {
        let map = try PartitionMap(Self.partitions)
        var writer = JSONWriter()
        ShadowCommand(
            type: .promotion, source: 0, target: 1, epoch: 1, phase: .promoted, readShareMilli: 1_000,
            dualWrite: true, cohortSize: 1, cohortShareMilli: 1_000, evidence: [], windowStart: 0,
            windowEnd: 1
        ).encode(names: PartitionNames(map), into: &writer)
        return writer.bytes
    }

    private func until(_ condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test(.timeLimit(.minutes(2)))
    func
        `it knows what was there once it has caught up, follows what comes, and answers when the broker is gone`()
        async throws
    {
        let broker = try broker()
        try await publish(
            [(TopicName.affinityVectors, "c-1", try vector("c-1", home: 0, high: 1, sequence: 1))],
            broker.brokers)
        let router = try Router(
            ClientConfiguration(brokers: broker.brokers), partitions: Self.partitions, logger: Self.quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await router.run() }
            try await router.untilCaughtUp()
            #expect(router.decide("c-1").decision.readFrom == 0)
            #expect(router.age != nil)
            try await publish(
                [
                    (TopicName.partitionCommands, "eu-west>us-east", try promotion()),
                    (TopicName.customers, "c-2", Array(#"{"home":"us-east"}"#.utf8)),
                ], broker.brokers)
            try await until {
                router.decide("c-1").decision.readFrom == 1 && router.decide("c-2").decision.isKnown
            }
            let decision = router.decide("c-1").decision
            #expect([decision.writeTo] + decision.alsoWriteTo == [1, 0])
            try await publish([(TopicName.affinityVectors, "c-1", nil)], broker.brokers)
            try await until { !router.decide("c-1").decision.isKnown }

            try broker.stop()
            // Its age grows from now on, and it answers all the same.
            try await until { (router.age ?? .zero) > .milliseconds(600) }
            #expect(router.decide("c-2").decision.readFrom == 1)
            #expect(router.follower.status.isCaughtUp)
            router.stop()
            try await group.waitForAll()
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a topic that is missing is named, and waited for`() async throws {
        let broker = try broker(Self.topics.filter { $0 != TopicName.partitionTelemetry })
        let router = try Router(
            ClientConfiguration(brokers: broker.brokers), partitions: Self.partitions, logger: Self.quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await router.run() }
            try await until { router.follower.status.error?.contains(TopicName.partitionTelemetry) == true }
            #expect(!router.follower.status.isCaughtUp)
            try broker.createTopic(TopicName.partitionTelemetry, topicPartitions: 1, settings: [:])
            try await router.untilCaughtUp()
            router.stop()
            try await group.waitForAll()
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `of a topic that was replaced it knows what the new one says, however old that is`() async throws {
        let broker = try broker()
        let topic = TopicName.affinityVectors
        try await publish(
            [
                (topic, "c-1", try vector("c-1", home: 0, high: 1, sequence: 8)),
                (topic, "c-2", try vector("c-2", home: 0, high: 1, sequence: 9)),
            ], broker.brokers)
        let router = try Router(
            ClientConfiguration(brokers: broker.brokers), partitions: Self.partitions, logger: Self.quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await router.run() }
            try await router.untilCaughtUp()
            #expect(router.decide("c-2").decision.home == 0)
            try broker.deleteTopic(topic)
            try broker.createTopic(topic, topicPartitions: 1)
            try await publish(
                [(topic, "c-1", try vector("c-1", home: 1, high: 1, sequence: 1))], broker.brokers)
            try await until { router.follower.status.logReplacements == 1 }
            try await until { router.decide("c-1").decision.home == 1 }
            #expect(!router.decide("c-2").decision.isKnown, "the new log says nothing of it")
            router.stop()
            try await group.waitForAll()
        }
    }

    @Test func `what cannot be used is counted and changes nothing`() throws {
        let table = RoutingTable(try PartitionMap(Self.partitions))
        let records = RoutingRecords(table)
        for source in RoutingRecords.Source.allCases {
            let stored = StoredRecord(
                place: TopicPartition(source.topic, 0), offset: 0, timestamp: 1, key: Array("k".utf8),
                value: Array("{".utf8))
            let batch = MessageBatch([.record(stored)], topics: [StoredTopic(source.topic)])
            records.apply(source, batch.record(at: 0))
        }
        #expect(records.rejectedCount == 4)
        #expect(table.customerCount == 0)
    }
}
