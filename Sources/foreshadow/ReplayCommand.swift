import ArgumentParser
import Contracts
import Kafka
import Pipeline
import Streams

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run history through the pipeline again: to rebuild, backfill, compare or verify.",
        discussion: """
            The source is the topic interactions, or a trace. Give exactly one destination:

              --into NAME   the whole pipeline, into the topics NAME.affinity-vectors, NAME.partition-commands, ...
              --live        publish the source into the live interactions
              --nowhere     run everything in this process and tell what comes of it
              --verify      hold what comes of it against what was recorded, byte for byte
              --diff FILE   the same history under this configuration and under the one in FILE

              foreshadow replay --into rebuild-7 --config foreshadow.yaml
              foreshadow replay --input asia.csv.gz --live --name asia --yes --config foreshadow.yaml
              foreshadow replay --nowhere --from 2026-01-05T00:00:00Z --until 2026-01-06T00:00:00Z --json
              foreshadow replay --verify --until 2026-01-06T00:00:00Z --config foreshadow.yaml
              foreshadow replay --diff proposed.yaml --input trace.csv.gz --config foreshadow.yaml

            --into and --live can be stopped with Ctrl-C; the same command goes on where they were. Exit code 4: \
            a difference was found, or the replay was stopped before its end. See docs/replay.md.
            """)

    @OptionGroup var cluster: ClusterOptions

    @OptionGroup(title: "Source") var source: SourceOptions
    @OptionGroup(title: "Destination") var destination: DestinationOptions

    @Option(
        name: .customLong("topics"),
        help: "The folder of topic descriptions (default: topics/): for --into, and for traces.")
    var folder: String?
    @Option(
        help: """
            Multiple of the time it took: by event time for traces, by publishing time otherwise. Default: as \
            fast as it goes. For --live, and for --into with --input.
            """)
    var speed: Double?
    @Flag(help: "Print the result as JSON.") var json = false

    struct SourceOptions: ParsableArguments {
        @Option(help: "A trace, as 'foreshadow publish' takes it; - for standard input.") var input: String?
        @Option(help: "Records published from then on: RFC 3339 or epoch milliseconds.")
        var from: ReplayMoment?
        @Option(help: "Records published before then.") var until: ReplayMoment?
        @Option(
            help: """
                Exact offsets of topic partitions of interactions, ends exclusive: 0:100..200,3:50.. ; may be \
                repeated. Those not named are left out.
                """)
        var offsets: [ReplayOffsets] = []

        var hasSpan: Bool { from != nil || until != nil || !offsets.isEmpty }

        var source: ReplaySource {
            ReplaySource(
                file: input, from: from?.milliseconds, until: until?.milliseconds,
                offsets: offsets.isEmpty ? nil : ReplayOffsets.merged(offsets))
        }
    }

    struct DestinationOptions: ParsableArguments {
        @Option(help: "Precedes the names of the topics and groups of a pipeline beside the live one.")
        var into: String?
        @Flag(help: "Publish into the live interactions.") var live = false
        @Option(help: "With --live: names this replay, so that it can go on after a stop.") var name: String?
        @Flag(help: "With --live: yes, change live state.") var yes = false
        @Flag(help: "Only tell what comes of it.") var nowhere = false
        @Flag(help: "Compare with what was recorded.") var verify = false
        @Option(help: "Compare with what another configuration file makes of it.") var diff: String?

        var count: Int {
            [into != nil, live, nowhere, verify, diff != nil].count { $0 }
        }
    }

    func validate() throws {
        if destination.count != 1 {
            throw ValidationError(
                "give exactly one destination: --into NAME, --live, --nowhere, --verify or --diff FILE")
        }
        try validateSource()
        if destination.live {
            if destination.name == nil {
                throw ValidationError("--live needs --name NAME, under which it can go on after a stop")
            }
            if !destination.yes {
                throw ValidationError("--live changes the live pipeline's state for good: confirm with --yes")
            }
        } else if destination.name != nil || destination.yes {
            throw ValidationError("--name and --yes belong to --live")
        }
        for name in [destination.into, destination.name].compactMap({ $0 }) where !ReplayTopics.isName(name) {
            throw ValidationError("'\(name)' is no name: 1 to 100 letters, digits and ._- are")
        }
        try validateSpeed()
    }

    private func validateSource() throws {
        if source.input != nil && source.hasSpan {
            throw ValidationError("--from, --until and --offsets are about the cluster, not about --input")
        }
        if !source.offsets.isEmpty {
            if source.from != nil || source.until != nil {
                throw ValidationError("--offsets and --from or --until exclude each other")
            }
            guard let spans = ReplayOffsets.merged(source.offsets) else {
                throw ValidationError("--offsets names a topic partition twice")
            }
            if destination.verify, spans.values.contains(where: { $0.start != nil }) {
                throw ValidationError(
                    "--verify starts at the oldest record, because that made the state: leave the start out, "
                        + "as in 0:..200; --from limits what is compared")
            }
        }
        if let from = source.from, let until = source.until, until.milliseconds < from.milliseconds {
            throw ValidationError("--until is before --from")
        }
        if source.input != nil && destination.verify {
            throw ValidationError("--verify is about what the cluster recorded, so it takes no --input")
        }
        let isOpen = source.until == nil && source.offsets.flatMap(\.spans).contains { $0.value.end == nil }
        if destination.live && source.input == nil
            && (isOpen || (source.until == nil && source.offsets.isEmpty))
        {
            throw ValidationError(
                "--live from the cluster appends to what it reads, so it needs an end: --until, or --offsets "
                    + "with ends")
        }
    }

    private func validateSpeed() throws {
        guard let speed else { return }
        if speed <= 0 { throw ValidationError("--speed must be above 0") }
        if destination.into != nil && source.input == nil {
            throw ValidationError(
                "--speed with --into needs --input: stages that follow the live topics have no pace of their "
                    + "own, they read as fast as they can")
        }
        if destination.into == nil && !destination.live {
            throw ValidationError("--speed is for --live and --into: nobody sees when the others compute")
        }
    }

    func run() async throws {
        let settings = try await cluster.settings()
        let needsCluster = source.input == nil || destination.into != nil || destination.live
        if needsCluster, settings.client.brokers.isEmpty { _ = try await cluster.client() }
        if let name = destination.into {
            try await replay(into: name, settings)
        } else if destination.live {
            try await publish(settings)
        } else if destination.verify {
            try await verify(settings)
        } else {
            let pass = ReplayInProcess(settings: settings, source: source.source, folder: folder)
            if let file = destination.diff {
                let other = try await Settings.load(file: file)
                let report = try await pass.diff(try settings.partitionMap(), other)
                Output.line(try json ? Output.json(report) : report.text)
            } else {
                let summary = try await pass.fold(try settings.partitionMap())
                Output.line(try json ? Output.json(summary) : summary.text)
            }
        }
    }

    private var pace: Pace.Rule { speed.map { .timesEventTime($0) } ?? .unlimited }

    private func replay(into name: String, _ settings: Settings) async throws {
        let replay = ReplayInto(
            name: name, live: settings, partitions: try settings.partitionMap(), source: source.source,
            folder: folder, pace: pace)
        let report = try await replay.run()
        Output.line(try json ? Output.json(report) : report.text)
    }

    private func publish(_ settings: Settings) async throws {
        let topic = settings.topics.name(TopicName.interactions)
        let stop = ReplayStop()
        let publish = ReplayPublish(
            settings: settings, name: destination.name ?? "", topic: topic, stop: stop)
        let (source, pace) = (source.source, pace)
        let report = try await stop.runThread {
            if let file = source.file { return try publish.publish(file: file, pace: pace, ending: nil) }
            let admin = try Admin(settings.client, logger: CommandLog.logger("replay"))
            let scope = try ReplayScope(source, settings, admin)
            return try publish.publish(
                try scope.inputs(admin), places: scope.places(TopicName.interactions), pace: pace)
        }
        Output.line(try json ? Output.json(report) : report.text)
        if stop.isSet { throw ReplayStop.failure }
    }

    private func verify(_ settings: Settings) async throws {
        let source = source.source
        let scope = try await DedicatedThread.run(named: "replay") {
            try ReplayScope(
                source, settings, try Admin(settings.client, logger: CommandLog.logger("replay")))
        }
        let verify = ReplayVerify(settings: settings, partitions: try settings.partitionMap(), scope: scope)
        let report = try await verify.run()
        Output.line(try json ? Output.json(report) : report.text)
        if !report.verified {
            throw CommandFailure.result("what is recorded is not what this binary and configuration make")
        }
    }
}

extension ReplayPublish.Report {
    /// For people.
    var text: String {
        let there = skipped > 0 ? ", \(skipped) were there already" : ""
        let left = leftOut > 0 ? ", \(leftOut) marks and copied profiles left out" : ""
        return "published \(published) records in \(ReplayProgress.text(seconds))\(there)\(left)"
    }
}

extension ReplayInto.Report {
    /// For people.
    var text: String {
        (published.map { [$0.text] } ?? []).joined(separator: "\n")
            + (published == nil ? "" : "\n") + """
                read \(interactions) interactions in \(ReplayProgress.text(seconds))
                wrote \(vectors) records to \(name).\(TopicName.affinityVectors), \(TopicName.modelQuality) and dead \
                letters, \(trends) to \(name).\(TopicName.partitionTrends), \
                \(commands) to \(name).\(TopicName.partitionCommands), \
                \(TopicName.partitionForecasts) and \(TopicName.alerts)
                go on following with: foreshadow run --into \(name)
                """
    }
}
