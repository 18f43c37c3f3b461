import Contracts
import EmbeddedKafka
import Foundation
import Kafka
import Logging
import Orchestrator
import Pipeline
import Streams
import Trends
import Workload

/// One run of the demo: a cluster, the stages, the feed and the summary.
struct DemoRun {
    let client: ClientConfiguration
    private let source: DemoSource
    private let command: DemoCommand
    private let cluster: EmbeddedKafka?
    private let partitions: PartitionMap
    private let configuration: PipelineConfiguration
    private let topicPartitions: Int32
    private let commandsBefore: Int64
    private let logger: Logger
    private let groupPrefix = "demo-\(UUID().uuidString.prefix(8).lowercased())-"

    /// How many records the feed may be ahead of the updater, and the updater ahead of the aggregator: the
    /// progress that is shown is then that of all stages.
    private static let aheadLimit: Int64 = 20_000
    /// Without any progress for this long the demo gives up.
    private static let stallSeconds = 120.0

    init(source: DemoSource, command: DemoCommand) async throws {
        self.source = source
        self.command = command
        logger = CommandLog.logger("demo")
        partitions = try PartitionMap(source.regions)
        var configuration = PipelineConfiguration()
        configuration.windowMillis = source.windowMillis
        self.configuration = configuration
        let files = try TopicFile.readAll(in: command.folder)
        topicPartitions = files.first { $0.name == TopicName.interactions }?.topicPartitions ?? 0
        if let brokers = command.brokers {
            cluster = nil
            client = ClientConfiguration(brokers: brokers)
            commandsBefore = try Admin(client, logger: logger)
                .watermarks(of: TopicPartition(TopicName.partitionCommands, 0)).upperBound
        } else {
            let cluster = try EmbeddedKafka(logger: logger)
            for file in files {
                try cluster.createTopic(
                    file.name, topicPartitions: file.topicPartitions, settings: file.settings)
            }
            self.cluster = cluster
            client = ClientConfiguration(brokers: cluster.brokers)
            commandsBefore = 0
            Output.note("embedded Kafka at \(cluster.brokers)")
        }
    }

    /// Plays everything and tells what came of it.
    func play() async throws -> DemoSummary {
        var streams = StreamConfiguration(client: client, instance: "demo")
        streams.groupPrefix = groupPrefix
        // The end of the feed is marked in the log, so the clock need not decide anything.
        streams.idleTimeoutMilliseconds = nil
        streams.consumerSettings = ["fetch.wait.max.ms": "10"]
        let pipeline = DemoPipeline(configuration, partitions, streams, logger)
        let feed = DemoFeed(
            source: source, partitions: partitions,
            latenessMillis: configuration.trends.allowedLatenessMillis,
            limit: command.events)
        let start = ContinuousClock.now
        let (client, count, logger) = (client, topicPartitions, logger)
        let display = DemoDisplay(source: source, partitions: partitions, isInteractive: command.interactive)
        let (isQuiet, rate) = (!command.interactive, command.rate)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pipeline.run() }
            group.addTask {
                try await DedicatedThread.run(named: "feed") {
                    try feed.run(client, topicPartitions: count, logger: logger) { published in
                        Self.waitForPipeline(pipeline, published: Int64(published))
                        Self.pace(pipeline, published: published, rate: rate, since: start)
                    }
                }
            }
            group.addTask { try await Self.watch(pipeline, feed, display, isQuiet: isQuiet) }
            defer { pipeline.stop() }
            while try await group.next() != nil {}
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        return try await summary(pipeline.progress, events: feed.published, seconds: seconds)
    }

    /// Blocks the feed while the stages are far behind.
    private static func waitForPipeline(_ pipeline: DemoPipeline, published: Int64) {
        while !pipeline.isStopping {
            let progress = pipeline.progress
            if published - progress.updater.records < aheadLimit
                && progress.updater.changes - progress.vectorsRead < aheadLimit
            {
                return
            }
            Thread.sleep(forTimeInterval: 0.01)
        }
    }

    /// Blocks the feed while it is ahead of its rate.
    private static func pace(
        _ pipeline: DemoPipeline, published: Int, rate: Int?, since start: ContinuousClock.Instant
    ) {
        guard let rate else { return }
        let due = start + .seconds(Double(published) / Double(rate))
        while !pipeline.isStopping, ContinuousClock.now < due { Thread.sleep(forTimeInterval: 0.01) }
    }

    /// The service that answers look-ups of what this run makes.
    func orchestrator(port: Int) throws -> Orchestrator {
        var settings = Settings.demo(client, partitions.names, groupPrefix: groupPrefix)
        settings.serve.port = port
        settings.serve.instance = "demo"
        return try settings.orchestrator(logger)
    }

    /// Applications that look up customers of a generated workload.
    func clients(port: Int) -> DemoClients? {
        guard case .generated(let generator) = source.kind else { return nil }
        return DemoClients(
            port: port, customers: generator.configuration.customers, partitions: partitions.names)
    }

    /// Draws until the last window is planned, then stops the pipeline.
    private static func watch(
        _ pipeline: DemoPipeline, _ feed: DemoFeed, _ first: DemoDisplay, isQuiet: Bool
    ) async throws {
        var display = first
        var last = (seen: Int64(-1), at: ContinuousClock.now)
        while true {
            let progress = pipeline.progress
            if !isQuiet { display.draw(published: feed.published, progress) }
            if let boundary = feed.finalBoundary, (progress.planner.plannedThrough ?? .min) >= boundary {
                return pipeline.stop()
            }
            let seen =
                Int64(feed.published) + progress.updater.records + progress.vectorsRead
                + (progress.planner.plannedThrough ?? 0)
            if seen != last.seen {
                last = (seen, ContinuousClock.now)
            } else if ContinuousClock.now - last.at > .seconds(stallSeconds) {
                throw CommandFailure.result(
                    "no progress for \(Int(stallSeconds)) s: \(feed.published) events published, "
                        + "\(progress.updater.records) read, \(progress.vectorsRead) vectors read")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private func summary(_ progress: DemoPipeline.Progress, events: Int, seconds: Double) async throws
        -> DemoSummary
    {
        let commands = try await readCommands()
        var byType: [String: Int] = [:]
        for command in commands { byType[command.type.rawValue, default: 0] += 1 }
        var byPhase: [String: Int] = [:]
        for shadow in progress.planner.shadows { byPhase[shadow.phase.rawValue, default: 0] += 1 }
        let updater = progress.updater
        let score = source.truth.map {
            $0.score(
                commands.map {
                    SeenCommand(
                        source: partitions.names[Int($0.source)], target: partitions.names[Int($0.target)],
                        type: $0.type, windowEnd: $0.windowEnd)
                }, thresholdMilli: configuration.planner.provision.shareMilli)
        }
        return DemoSummary(
            events: events, processed: updater.accesses, duplicates: updater.duplicates, late: updater.late,
            deadLetters: updater.deadLetters, customers: updater.customers, partitions: partitions.count,
            vectors: updater.changes, commands: byType, shadows: byPhase,
            alerts: progress.planner.alerts,
            windowHours: Double(source.windowMillis) / 3_600_000, seconds: seconds,
            eventsPerSecond: Double(events) / seconds, truth: score.map { DemoSummary.Truth($0) })
    }

    /// Reads the commands back from their topic, as a consumer would.
    private func readCommands() async throws -> [ShadowCommand] {
        let (client, partitions, logger, before) = (client, partitions, logger, commandsBefore)
        return try await DedicatedThread.run(named: "commands") {
            var commands: [ShadowCommand] = []
            let reader = try TopicReader(
                client, topic: TopicName.partitionCommands, from: .beginning, logger: logger)
            var isOpen = true
            while isOpen {
                isOpen = try reader.poll { record in
                    guard record.offset >= before, let value = record.value else { return }
                    commands.append(try ShadowCommand(decoding: value.span.bytes, partitions: partitions))
                }
            }
            return commands
        }
    }

    /// Writes the records of the output topics, ordered by topic partition and offset.
    func export(to folder: String) async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let topics = [
            TopicName.affinityVectors, TopicName.partitionTrends, TopicName.partitionCommands,
            TopicName.partitionForecasts, TopicName.alerts, TopicName.deadLetters, TopicName.modelQuality,
        ]
        let (client, logger) = (client, logger)
        for topic in topics {
            try await DedicatedThread.run(named: "export") {
                try Self.export(topic, to: "\(folder)/\(topic).jsonl", client, logger)
            }
        }
    }

    private static func export(
        _ topic: String, to path: String, _ client: ClientConfiguration, _ logger: Logger
    )
        throws
    {
        let reader = try TopicReader(client, topic: topic, from: .beginning, logger: logger)
        var records: [TopicReader.Copy] = []
        while try reader.poll({ records.append($0) }) {}
        records.sort { ($0.partition, $0.offset) < ($1.partition, $1.offset) }
        var text: [UInt8] = []
        for record in records where record.value != nil {
            text += record.value ?? []
            text.append(0x0A)
        }
        if !FileManager.default.createFile(atPath: path, contents: Data(text)) {
            throw CommandFailure.input("cannot write '\(path)'")
        }
    }
}
