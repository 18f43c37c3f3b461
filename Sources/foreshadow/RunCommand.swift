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
    @Option(help: "Write here, every second, how the stages are doing: for 'foreshadow probe'.")
    var statusFile: String?

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
        let health = Health()
        if stage != .trends {
            let updater = UpdaterProcessor.stage(settings.pipeline, partitions, settings.topics)
            services.append(StageService(updater, streams, health, logger) { $0.totals.text })
        }
        if stage != .updater {
            let trends = TrendsProcessor.stage(settings.pipeline, partitions, settings.topics)
            services.append(
                StageService(trends, streams, health, logger) { "\($0.map(\.records).reduce(0, +)) records" })
            let planner = PlannerProcessor.stage(settings.pipeline, partitions, settings.topics)
            services.append(
                StageService(planner, streams, health, logger) {
                    "\($0.map(\.commands).reduce(0, +)) commands"
                })
        }
        services.append(StopDeadline())
        if let statusFile { services.append(StatusFile(path: statusFile, health: health)) }
        return services
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
