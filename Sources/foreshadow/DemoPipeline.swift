import Contracts
import Kafka
import Logging
import Pipeline
import Streams
import Trends

/// The stages of a demo in this process, and how far they are.
struct DemoPipeline: Sendable {
    /// How far the stages are.
    struct Progress: Sendable {
        var updater = UpdaterProcessor.Report()
        var vectorsRead: Int64 = 0
        var planner = PlannerProcessor.Report()
    }

    private let updater: StageRunner<UpdaterProcessor>
    private let trends: StageRunner<TrendsProcessor>
    private let planner: StageRunner<PlannerProcessor>

    init(
        _ configuration: PipelineConfiguration, _ partitions: PartitionMap, _ streams: StreamConfiguration,
        _ logger: Logger
    ) {
        updater = StageRunner(
            UpdaterProcessor.stage(configuration, partitions), configuration: streams, logger: logger)
        trends = StageRunner(
            TrendsProcessor.stage(configuration, partitions), configuration: streams, logger: logger)
        planner = StageRunner(
            PlannerProcessor.stage(configuration, partitions), configuration: streams, logger: logger)
    }

    /// Runs all stages until `stop`.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await updater.run() }
            group.addTask { try await trends.run() }
            group.addTask { try await planner.run() }
            defer { stop() }
            while try await group.next() != nil {}
        }
    }

    /// Ends all stages.
    func stop() {
        updater.control.stop()
        trends.control.stop()
        planner.control.stop()
    }

    /// Whether the stages were told to stop.
    var isStopping: Bool { updater.control.isStopping }

    /// How far the stages are, as of their last commits.
    var progress: Progress {
        Progress(
            updater: Array(updater.control.status.reports.values).totals,
            vectorsRead: trends.control.status.reports.values.map(\.records).reduce(0, +),
            planner: planner.control.status.reports[0] ?? PlannerProcessor.Report())
    }
}
