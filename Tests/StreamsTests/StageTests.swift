import EmbeddedKafka
import Kafka
import Logging
import Testing

@testable import Streams

/// Stages on an embedded cluster, from publishing to reading what came out.
@Suite struct StageTests {
    @Test func `every record is processed once and in order, task by task`() async throws {
        let cluster = try TestCluster()
        try await cluster.publish(0..<300)
        let runner = StageRunner(Counting.stage(), configuration: cluster.streams, logger: cluster.logger)
        let out = try await cluster.run(runner) { try await cluster.read("out", count: 300) }
        for partition in Int32(0)...1 {
            let expected = (0..<300).filter { $0 % 2 == partition }.enumerated().map { "\($1)#\($0 + 1)" }
            #expect(out[partition] == expected)
        }
    }

    @Test func `a worker that starts again restores its state in silence and goes on`() async throws {
        let cluster = try TestCluster()
        // The mock drops offsets that are sent to a transaction, so this is shown at least once.
        cluster.streams.guarantee = .atLeastOnce
        try await cluster.publish(0..<100)
        let first = StageRunner(Counting.stage(), configuration: cluster.streams, logger: cluster.logger)
        _ = try await cluster.run(first) { try await cluster.read("out", count: 100) }
        try await cluster.publish(100..<200)
        let second = StageRunner(Counting.stage(), configuration: cluster.streams, logger: cluster.logger)
        let out = try await cluster.run(second) { try await cluster.read("out", count: 200) }
        let expected = (0..<200).filter { $0 % 2 == 0 }.enumerated().map { "\($1)#\($0 + 1)" }
        #expect(out[0] == expected)
    }

    @Test func `two workers share the topic partitions, and the one that takes over goes on`() async throws {
        let cluster = try TestCluster()
        cluster.streams.guarantee = .atLeastOnce
        let first = StageRunner(Counting.stage(), configuration: cluster.streams, logger: cluster.logger)
        var other = cluster.streams
        other.instance = "u"
        let second = StageRunner(Counting.stage(), configuration: other, logger: cluster.logger)
        let out = try await cluster.run(first) {
            try await cluster.publish(0..<100)
            // What is not committed when the second joins would come twice: this runs at least once.
            for _ in 0..<600 where first.control.status.committedOutputs < 100 {
                try await Task.sleep(for: .milliseconds(50))
            }
            return try await cluster.run(second) {
                // Each holds one of the two tasks in the end.
                for _ in 0..<600
                where second.control.status.reports.isEmpty || first.control.status.reports.count > 1 {
                    try await Task.sleep(for: .milliseconds(50))
                }
                #expect(first.control.status.reports.count == 1)
                #expect(second.control.status.reports.count == 1)
                try await cluster.publish(100..<200)
                return try await cluster.read("out", count: 200)
            }
        }
        for partition in Int32(0)...1 {
            let expected = (0..<200).filter { $0 % 2 == partition }.enumerated().map { "\($1)#\($0 + 1)" }
            #expect(out[partition] == expected)
        }
    }

    @Test func `an input that falls silent is declared so in the log`() async throws {
        let cluster = try TestCluster()
        cluster.streams.idleTimeoutMilliseconds = 50
        let stage = Counting.stage(idleMark: .init(input: 0, header: Header("mark", "idle")))
        let runner = StageRunner(stage, configuration: cluster.streams, logger: cluster.logger)
        let input = try await cluster.run(runner) { try await cluster.read("in", count: 2) }
        #expect(input == [0: ["mark=idle"], 1: ["mark=idle"]])
    }

    @Test func `a missing topic is named`() async throws {
        let cluster = try TestCluster()
        let stage = Counting.stage(output: "nowhere")
        let runner = StageRunner(stage, configuration: cluster.streams, logger: cluster.logger)
        await #expect(throws: StageFailure.missingTopic("nowhere")) { try await runner.run() }
    }

    @Test func `topics that must agree in number are checked`() async throws {
        let cluster = try TestCluster()
        try cluster.cluster.createTopic("narrow", topicPartitions: 1)
        let runner = StageRunner(
            Counting.stage(output: "narrow"), configuration: cluster.streams, logger: cluster.logger)
        await #expect(throws: StageFailure.notCoPartitioned("narrow", 1, "in", 2)) { try await runner.run() }
    }
}
