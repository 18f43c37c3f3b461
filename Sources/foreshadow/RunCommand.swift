import Affinity
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
            partitions out among them. SIGTERM, SIGHUP or Ctrl-C finishes the open transaction, leaves the groups and \
            exits.

              foreshadow run --config foreshadow.yaml
              foreshadow run --config foreshadow.yaml --stage updater

            Exit codes: 0 after a signal; 2 if the configuration or a topic cannot be used; 3 if the cluster refuses; \
            5 if a stage makes no progress although the cluster answers, so that a supervisor starts the process \
            again; 6 if input was lost, replaced or spread over more topic partitions, so that somebody has to decide.

            With planner.dryRun: true the planner publishes its commands to partition-commands-dry-run, where \
            nobody follows them, and says so in the log.

            --into NAME runs a pipeline beside the live one, with the topics and groups that 'foreshadow replay \
            --into NAME' has made:

              foreshadow run --config foreshadow.yaml --into rebuild-7          follow the live inputs
              foreshadow run --config foreshadow.yaml --into rebuild-7 --lead   once the old pipeline is stopped
            """)

    enum StageName: String, ExpressibleByArgument, CaseIterable { case updater, trends, orchestrator, all }

    @OptionGroup var cluster: ClusterOptions
    @Option(
        help:
            "Which stage: updater, trends (aggregator and planner), orchestrator (as 'foreshadow serve'), or all but it."
    )
    var stage = StageName.all
    @Option(help: "Read the live inputs, write NAME.affinity-vectors, NAME.partition-commands, ...")
    var into: String?
    @Flag(
        help: """
            With --into: log profiles and idleness into the inputs from now on. Of all pipelines on the same \
            inputs only one may.
            """)
    var lead = false
    @Option(help: "Write here, every second, how the stages are doing: for 'foreshadow probe'.")
    var statusFile: String?

    func validate() throws {
        if lead && into == nil { throw ValidationError("--lead belongs to --into NAME") }
        if let into, !ReplayTopics.isName(into) {
            throw ValidationError("'\(into)' is no name: 1 to 100 letters, digits and ._- are")
        }
    }

    func run() async throws {
        var settings = try await cluster.settings()
        if let into {
            let live = settings
            settings.rebuild(as: into, leads: lead)
            if lead { try await ReplayLead.takeOver(from: live, to: settings) }
        }
        if settings.client.brokers.isEmpty { _ = try await cluster.client() }
        if CommandLog.level > .info { CommandLog.level = .info }
        let logger = CommandLog.logger("foreshadow")
        let services = try services(settings, logger)
        var group = ServiceGroupConfiguration(
            services: services.map {
                .init(
                    service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup)
            }, gracefulShutdownSignals: [.sigterm, .sigint, .sighup], logger: logger)
        group.maximumGracefulShutdownDuration = .seconds(30)
        logger.info("running \(stage.rawValue) on \(settings.client.brokers)")
        if settings.topics.isDryRun, stage == .trends || stage == .all {
            let topic = settings.topics.name(TopicName.partitionCommands)
            logger.notice("dry run: commands go to \(topic), and nobody follows them")
        }
        try await ServiceGroup(configuration: group).run()
    }

    private func services(_ settings: Settings, _ logger: Logger) throws -> [any Service] {
        let partitions = try settings.partitionMap()
        let streams = settings.streamConfiguration()
        var services: [any Service] = []
        let health = Health()
        let deadline = StopDeadline()
        if stage == .orchestrator { services.append(try settings.orchestrator(logger)) }
        if stage == .updater || stage == .all {
            let updater = UpdaterProcessor.stage(settings.pipeline, partitions, settings.topics)
            services.append(StageService(updater, streams, health, deadline, logger) { $0.totals.text })
        }
        if stage == .trends || stage == .all {
            let trends = TrendsProcessor.stage(settings.pipeline, partitions, settings.topics)
            services.append(
                StageService(trends, streams, health, deadline, logger) {
                    "\($0.map(\.records).reduce(0, +)) records"
                })
            let planner = PlannerProcessor.stage(settings.pipeline, partitions, settings.topics)
            services.append(
                StageService(planner, streams, health, deadline, logger) {
                    "\($0.map(\.commands).reduce(0, +)) commands"
                })
        }
        services.append(deadline)
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
            sum.lateness = sum.lateness + report.lateness
            sum.deadLetters += report.deadLetters
            sum.changes += report.changes
            sum.customers += report.customers
            sum.model = report.model
        }
    }
}

extension UpdaterProcessor.Report {
    /// For people.
    var text: String {
        "\(accesses) accesses of \(customers) customers, \(changes) vector changes, "
            + "\(duplicates) duplicates, \(late) late (\(lateness.minute) by up to a minute, "
            + "\(lateness.hour) an hour, \(lateness.day) a day, \(lateness.longer) more), "
            + "\(deadLetters) dead letters, model \(model)"
    }
}
