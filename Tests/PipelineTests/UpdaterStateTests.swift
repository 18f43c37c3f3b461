import Affinity
import Contracts
import Kafka
import Streams
import Testing

@testable import Pipeline

@Suite struct UpdaterStateTests {
    /// Interactions of ada, who goes back and forth, and of bob, an hour apart.
    private static func interactions(_ range: Range<Int>) -> [Sent] {
        range.map { i in
            interaction(
                "\(i)", customer: i % 2 == 0 ? "ada" : "bob", time: "\(1_767_571_200_000 + i * 3_600_000)",
                region: i % 4 == 0 ? "us-east" : "eu-west")
        }
    }

    /// The state of the task of topic partition 0; `keptFrom` is the oldest offset that counts as still there.
    private func read(
        _ fixture: PipelineFixture, partitions: PartitionMap? = nil, keptFrom: Int64 = 0
    ) async throws -> (explanation: Explanation?, missing: Range<Int64>?, customers: Int64) {
        let partitions = partitions ?? fixture.partitions
        return try await DedicatedThread.run(named: "state") {
            let end = try Admin(fixture.client, logger: fixture.logger)
                .watermarks(of: TopicPartition(TopicName.interactions, 0)).upperBound
            let state = try UpdaterState.read(
                fixture.configuration, partitions, PipelineTopics(), TaskPlace(number: 0, count: 2),
                kept: keptFrom..<end,
                on: KafkaCluster(
                    fixture.client, consumerSettings: ["fetch.wait.max.ms": "10"], logger: fixture.logger))
            let found = state.processor.explain(customer: "ada".utf8Span.span.bytes)
            return (found?.explanation, state.missing, state.processor.report.customers)
        }
    }

    /// A cluster whose updater has saved the state after 20 interactions, before 20 more come.
    private func saved() async throws -> PipelineFixture {
        let fixture = try PipelineFixture()
        try await fixture.run(tune: { $0.snapshotRecords = 20 }) {
            try await fixture.publish(Self.interactions(0..<20))
            _ = try await fixture.read(TopicName.updaterSnapshots) { $0.contains { $0.key == "task" } }
        }
        try await fixture.publish(Self.interactions(20..<40))
        return fixture
    }

    @Test func `without a snapshot it is the fold of all interactions`() async throws {
        let fixture = try PipelineFixture()
        try await fixture.publish(Self.interactions(0..<40))
        let state = try await read(fixture)
        #expect(state.explanation?.accesses == 20)
        #expect(state.customers == 2)
        #expect(state.missing == nil)
    }

    @Test func `a snapshot and what came since give the same explanation as all interactions`() async throws {
        let plain = try PipelineFixture()
        try await plain.publish(Self.interactions(0..<40))
        let expected = try await read(plain)
        let fixture = try await saved()
        let state = try await read(fixture, keptFrom: 20)
        #expect(state.explanation != nil)
        #expect(state.explanation == expected.explanation)
        #expect(state.missing == nil)
    }

    @Test func `interactions that are gone and in no snapshot are said to be missing`() async throws {
        let fixture = try await saved()
        let state = try await read(fixture, keptFrom: 30)
        #expect(state.missing == 20..<30)
        #expect(state.explanation?.accesses == 15)
    }

    @Test func `a snapshot of other partitions is refused`() async throws {
        let fixture = try await saved()
        let other = try PartitionMap(["us-east", "eu-west"])
        await #expect(throws: SnapshotFailure.self) { _ = try await read(fixture, partitions: other) }
    }
}
