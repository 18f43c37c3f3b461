import Contracts
import Kafka
import Pipeline
import Testing
import Trends

/// The same history, folded in one process.
@Suite struct ReplayDiffTests {
    @Test func `a replay makes the commands that were made live`() async throws {
        let stand = try await ReplayRecording.stand()
        let replay = PipelineReplay(PipelineConfiguration(), try partitions(), taskCount: 2)
        try PipelineReplay.read(PipelineTopics(), taskCount: 2, bounds: stand.bounds, on: stand) {
            replay.apply($1, from: $0)
        }
        let map = try partitions()
        let values = (stand.records[TopicPartition(TopicName.partitionCommands, 0)] ?? []).compactMap(\.value)
        let recorded = try values.map { try ShadowCommand(decoding: $0.span.bytes, partitions: map) }
        #expect(replay.commands.prefix(recorded.count).map(\.epoch) == recorded.map(\.epoch))
        #expect(replay.commands.prefix(recorded.count).map(\.type) == recorded.map(\.type.rawValue))
        #expect(replay.totals.events > 1_000)
        #expect(replay.totals.deadLetters == 0)
    }

    @Test func `a configuration does not differ from itself`() async throws {
        let report = try await diff(PipelineConfiguration())
        #expect(report.isEmpty)
        #expect(report.shadows == [])
        #expect(report.first == report.second)
        #expect(report.customers > 100)
    }

    @Test func `a higher threshold gives fewer commands, and the first that is lacking is named`()
        async throws
    {
        var other = PipelineConfiguration()
        other.planner.provision.shareMilli = 1_000
        other.planner.activate.shareMilli = 1_000
        other.planner.minimumCohort = 1_000
        let report = try await diff(other)
        #expect(report.second.commands < report.first.commands)
        #expect(!report.onlyFirst.isEmpty)
        let launch = try #require(report.shadows.first { $0.shadow == "us-east>eu-west" })
        #expect(launch.first?.type == CommandType.provision.rawValue)
        #expect(launch.first?.epoch == 1)
        #expect(report.first.vectors == report.second.vectors)
        #expect(report.customersElsewhere == 0)
    }

    @Test func `without a partition its customers are expected elsewhere`() async throws {
        let report = try await diff(PipelineConfiguration(), without: "eu-west")
        #expect(report.second.deadLetters > 0)
        #expect(report.second.vectors < report.first.vectors)
        #expect(report.customersElsewhere > 0)
        #expect(!report.isEmpty)
    }

    private func partitions(without name: String? = nil) throws -> PartitionMap {
        try PartitionMap(ReplayRecording.regions.filter { $0 != name })
    }

    private func diff(_ other: PipelineConfiguration, without name: String? = nil) async throws
        -> ReplayDiff.Report
    {
        let stand = try await ReplayRecording.stand()
        let diff = ReplayDiff(
            (PipelineConfiguration(), try partitions()), (other, try partitions(without: name)), taskCount: 2)
        try PipelineReplay.read(PipelineTopics(), taskCount: 2, bounds: stand.bounds, on: stand) {
            diff.apply($1, from: $0)
        }
        return diff.report
    }
}
