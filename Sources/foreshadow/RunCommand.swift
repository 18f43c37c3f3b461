import ArgumentParser
import Contracts
import Kafka
import Logging
import Pipeline
import ServiceLifecycle
import Streams
import UnixSignals

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the pipeline, or one stage of it, on a Kafka cluster.",
        discussion: """
            Start as many processes as you like, on as many machines: Kafka's consumer groups share the topic \
            partitions out among them. SIGTERM or Ctrl-C finishes the open transaction, leaves the groups and \
            exits.

              foreshadow run --config foreshadow.yaml
              foreshadow run --config foreshadow.yaml --stage updater
            """)

    enum StageName: String, ExpressibleByArgument, CaseIterable { case updater, trends, all }

    @OptionGroup var cluster: ClusterOptions
    @Option(help: "Which stage: updater, trends (aggregator and planner), or all.") var stage = StageName.all

    func run() async throws {
        let settings = try await cluster.settings()
        if settings.client.brokers.isEmpty { _ = try await cluster.client() }
        if CommandLog.level > .info { CommandLog.level = .info }
        let logger = CommandLog.logger("foreshadow")
        let services = try services(settings, logger)
        var group = ServiceGroupConfiguration(
            services: services.map {
                .init(
                    service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup)
            }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = .seconds(30)
        logger.info("running \(stage.rawValue) on \(settings.client.brokers)")
        try await ServiceGroup(configuration: group).run()
    }

    private func services(_ settings: Settings, _ logger: Logger) throws -> [any Service] {
        let partitions = try settings.partitionMap()
        let streams = settings.streamConfiguration()
        var services: [any Service] = []
        if stage != .trends {
            let updater = UpdaterProcessor.stage(settings.pipeline, partitions)
            services.append(StageService(updater, streams, logger) { $0.totals.text })
        }
        if stage != .updater {
            let trends = TrendsProcessor.stage(settings.pipeline, partitions)
            services.append(
                StageService(trends, streams, logger) { "\($0.map(\.records).reduce(0, +)) records" })
            let planner = PlannerProcessor.stage(settings.pipeline, partitions)
            services.append(
                StageService(planner, streams, logger) { "\($0.map(\.commands).reduce(0, +)) commands" })
        }
        return services
    }
}

/// A stage as a service: stops gracefully, and says now and then how it is doing.
struct StageService<P: Processor>: Service {
    private let runner: StageRunner<P>
    private let name: String
    private let logger: Logger
    private let describe: @Sendable ([P.Report]) -> String

    init(
        _ stage: PipelineStage<P>, _ configuration: StreamConfiguration, _ logger: Logger,
        describe: @escaping @Sendable ([P.Report]) -> String
    ) {
        runner = StageRunner(stage, configuration: configuration, logger: logger)
        name = stage.name
        self.logger = logger
        self.describe = describe
    }

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await runner.run() }
                group.addTask { await report() }
                // Whichever ends first ends the other: the stage by failing or stopping.
                defer { group.cancelAll() }
                try await group.next()
            }
        } onGracefulShutdown: {
            runner.control.stop()
        }
    }

    private func report() async {
        while (try? await Task.sleep(for: .seconds(10))) != nil {
            let status = runner.control.status
            let text = describe(status.reports.sorted { $0.key < $1.key }.map(\.value))
            logger.info(
                "\(name): \(text)",
                metadata: [
                    "tasks": "\(status.reports.count)", "restoring": "\(status.restoring)",
                    "commits": "\(status.commits)", "restarts": "\(status.restarts)",
                ])
        }
    }
}

extension [UpdaterProcessor.Report] {
    /// The sums over all tasks.
    var totals: UpdaterProcessor.Report {
        reduce(into: UpdaterProcessor.Report()) { sum, report in
            sum.records += report.records
            sum.accesses += report.accesses
            sum.duplicates += report.duplicates
            sum.late += report.late
            sum.deadLetters += report.deadLetters
            sum.changes += report.changes
            sum.customers += report.customers
        }
    }
}

extension UpdaterProcessor.Report {
    /// For people.
    var text: String {
        "\(accesses) accesses of \(customers) customers, \(changes) vector changes, "
            + "\(duplicates) duplicates, \(late) late, \(deadLetters) dead letters"
    }
}
