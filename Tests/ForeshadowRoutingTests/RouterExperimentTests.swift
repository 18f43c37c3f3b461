import Contracts
import EmbeddedKafka
import Foundation
import Kafka
import Logging
import Routing
import Testing

@testable import ForeshadowRouting

/// A router in process and the experiments of the routing.
@Suite struct RouterExperimentTests {
    private static let partitions = ["eu-west", "us-east"]
    private static var quiet: Logger { Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }) }

    private func record(_ state: ExperimentRecord.State = .running, epoch: Int64 = 1) -> ExperimentRecord {
        var far = WeightsRecord()
        far.affinity = 0.9
        var record = ExperimentRecord(
            name: "bolder", goal: "latency",
            variants: [
                .init(name: "control", share: 0.5), .init(name: "bold", share: 0.5, weights: far),
            ], startedAt: 1, by: "ada", reason: "affinity should count for more")
        record.state = state
        record.epoch = epoch
        record.adopted = state == .adopted ? "bold" : nil
        return record
    }

    private func requests(_ register: ExperimentRegister, _ publisher: RecordPublisher?) throws
        -> RequestRouter
    {
        RequestRouter(
            RoutingTable(try PartitionMap(Self.partitions)), register,
            publisher.map { ExposureLog($0, topic: TopicName.routingExposures) })
    }

    private func publisher() -> RecordPublisher {
        RecordPublisher(ClientConfiguration(brokers: "127.0.0.1:1"), waitingMax: 10_000, logger: Self.quiet)
    }

    private func decide(_ requests: RequestRouter, _ customer: String, home: PartitionIndex? = 0)
        -> RoutedDecision
    {
        requests.decide(
            customer.utf8Span.span.bytes, RoutingRequest(home: home), cell: nil, at: 1_767_605_400_000)
    }

    @Test func `the variant's weights decide, and each customer is exposed once`() throws {
        let register = ExperimentRegister(RoutingWeights())
        let publisher = publisher()
        let requests = try requests(register, publisher)
        #expect(decide(requests, "c-1").part == nil)
        #expect(try register.apply(record()))
        var variants: [String: Int] = [:]
        for number in 0..<400 {
            let answers = (0..<2).map { _ in decide(requests, "c-\(number)") }
            let part = try #require(answers[0].part)
            #expect(part.experiment == "bolder")
            #expect(part.variant == answers[1].part?.variant)
            #expect(part.id != answers[1].part?.id, "every decision has a name of its own")
            #expect(DecisionName.time(part.id) == 1_767_605_400_000)
            #expect(answers[0].weights.affinity == (part.variant == "bold" ? 0.9 : 0.5))
            variants[part.variant, default: 0] += 1
        }
        #expect(variants.count == 2 && variants.values.allSatisfy { (150...250).contains($0) })
        #expect(publisher.waitingCount == 400)
        #expect(decide(requests, "nobody", home: nil).part == nil, "there was nothing to decide")
        #expect(publisher.waitingCount == 400)
    }

    @Test func `what is adopted counts for everybody, also without a part in experiments`() throws {
        let register = ExperimentRegister(RoutingWeights())
        let alone = try requests(register, nil)
        #expect(try register.apply(record()))
        #expect(decide(alone, "c-1").part == nil)
        #expect(decide(alone, "c-1").weights.affinity == 0.5)
        #expect(try register.apply(record(.adopted, epoch: 2)))
        #expect(try !register.apply(record(.running)), "the highest epoch counts")
        #expect(decide(alone, "c-1").weights.affinity == 0.9)
        #expect(register.current.running == nil)
    }

    @Test func `a record of routing-experiments is read and written the same`() throws {
        let text =
            #"{"adopted":"bold","decidedAt":7,"epoch":2,"goal":"latency","name":"bolder","by":"ada","reason":"r","startedAt":1,"#
            + #""state":"adopted","variants":[{"name":"control","share":0.5},{"name":"bold","share":0.5,"weights":{"affinity":0.9}}]}"#
        let record = try ExperimentRecord(decoding: text.utf8Span.span.bytes)
        #expect(record.state == .adopted && record.adopted == "bold" && record.decidedAt == 7)
        #expect(record.variants[1].weights?.affinity == 0.9)
        let encoded = try record.encoded()
        let again = try ExperimentRecord(decoding: encoded.span.bytes)
        #expect(again == record)
        let written = try JSONSerialization.jsonObject(with: Data(encoded)) as? NSDictionary
        let read = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary
        #expect(written == read)
    }

    @Test func `a definition that cannot be used changes nothing`() throws {
        let register = ExperimentRegister(RoutingWeights())
        var bad = record()
        bad.decisions = [.init(window: 1, shares: [0.5, 0.5])]
        #expect(throws: (any Error).self, "shares are decided of a bandit only") { try register.apply(bad) }
        #expect(register.record("bolder") == nil)
        #expect(register.current.running == nil)
    }

    @Test(.timeLimit(.minutes(2)))
    func `a router in process takes part: it publishes who was exposed and what became of requests`()
        async throws
    {
        let broker = try EmbeddedKafka(logger: Self.quiet)
        let topics = [
            TopicName.affinityVectors, TopicName.customers, TopicName.partitionCommands,
            TopicName.partitionTelemetry, TopicName.routingExperiments, TopicName.routingExposures,
            TopicName.routingOutcomes,
        ]
        for topic in topics { try broker.createTopic(topic, topicPartitions: 1, settings: [:]) }
        let client = ClientConfiguration(brokers: broker.brokers)
        let definition = try record().encoded()
        try await DedicatedThread.run(named: "test") {
            let producer = try Producer(client, logger: Self.quiet)
            var buffer = RecordBuffer(topics: [TopicName.routingExperiments])
            buffer.append(
                topic: 0, partition: 0, key: "bolder".utf8Span.span.bytes, value: definition.span.bytes)
            try producer.send(buffer)
            try producer.flush()
        }
        let router = try Router(client, partitions: Self.partitions, logger: Self.quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await router.run() }
            try await router.untilCaughtUp()
            let answer = router.decide("c-1", RoutingRequest(home: 1))
            let part = try #require(answer.part)
            #expect(router.report(answer, of: "c-1", latencyMicros: 840, isRemote: true))
            let exposed = try await first(client, TopicName.routingExposures)
            let exposure = try RoutingExposure(decoding: exposed.span.bytes)
            #expect(exposure.experiment == "bolder" && exposure.variant == part.variant)
            #expect(exposure.customer == Array("c-1".utf8))
            let reported = try await first(client, TopicName.routingOutcomes)
            let outcome = try RoutingOutcome(decoding: reported.span.bytes)
            #expect(outcome.decision == part.id && outcome.variant == part.variant)
            #expect(outcome.partition == "us-east" && outcome.latencyMicros == 840 && outcome.isRemote)
            router.stop()
            try await group.waitForAll()
        }
    }

    /// The value of a topic's first record.
    private func first(_ client: ClientConfiguration, _ topic: String) async throws -> [UInt8] {
        try await DedicatedThread.run(named: "test") {
            let consumer = try Consumer(
                client.setting(["group.id": "reader", "fetch.wait.max.ms": "10"]), logger: Self.quiet)
            defer { consumer.close() }
            try consumer.assign([TopicPartition(topic, 0): 0])
            while true {
                let batch = consumer.poll(maximum: 1, timeoutMilliseconds: 50)
                for i in 0..<batch.count where batch.event(at: i) == nil {
                    return StoredRecord(batch.record(at: i)).value ?? []
                }
            }
        }
    }
}
