import Contracts
import Streams
import Testing

@testable import Pipeline

/// Where a dry run reads and writes.
@Suite struct DryRunTests {
    private func stage(_ topics: PipelineTopics) throws -> PipelineStage<PlannerProcessor> {
        PlannerProcessor.stage(PipelineConfiguration(), try PartitionMap(["us", "eu"]), topics)
    }

    @Test func `only the commands, the group and its snapshots are a dry run's own`() throws {
        var topics = PipelineTopics()
        let live = try stage(topics)
        topics.isDryRun = true
        let dry = try stage(topics)
        #expect(
            live.outputs == [
                "partition-commands", "interactions-dead-letter", "alerts", "partition-forecasts",
            ])
        #expect(dry.outputs == ["partition-commands-dry-run", "interactions-dead-letter"])
        #expect(dry.inputs == live.inputs)
        #expect([live.name, dry.name] == ["planner", "planner-dry-run"])
        #expect(live.snapshots?.topic == "planner-snapshots")
        #expect(dry.snapshots?.topic == "planner-snapshots-dry-run")
    }

    @Test func `a pipeline that does not lead takes orders from the telemetry's log alone`() throws {
        let stage = try stage(PipelineTopics(rebuilding: "rebuild-7"))
        #expect(stage.inputs == ["rebuild-7.partition-trends", "partition-telemetry"])
        #expect(stage.relay?.input == nil)
    }
}
