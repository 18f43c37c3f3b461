import Contracts
import Foundation
import Kafka
import Pipeline
import Streams

/// `replay --into`: the whole pipeline over a source, into topics of its own.
struct ReplayInto {
    /// The result for programs.
    struct Report: Codable {
        var name: String
        var published: ReplayPublish.Report?
        /// Records read by the updater and what the stages put out, all since this command began.
        var interactions: Int64 = 0
        var vectors = 0
        var trends = 0
        var commands = 0
        var seconds = 0.0
    }

    /// Where each stage ends.
    struct Goals: Sendable {
        var interactions: [TopicPartition: Range<Int64>]
        var telemetry: [TopicPartition: Range<Int64>]
    }

    let name: String
    /// Of the live pipeline.
    let live: Settings
    let partitions: PartitionMap
    let source: ReplaySource
    let folder: String?
    let pace: Pace.Rule
    let stop = ReplayStop()

    /// Settings of the pipeline that is made here.
    private var settings: Settings {
        var settings = live
        settings.rebuild(as: name, leads: false)
        if source.file != nil { settings.topics = PipelineTopics(separate: name) }
        // Who waits for the end, not for each record, is served better by larger transactions.
        settings.streams.commitIntervalMilliseconds = max(
            settings.streams.commitIntervalMilliseconds, 1_000)
        return settings
    }

    func run() async throws -> Report {
        var report = Report(name: name)
        let published = try await stop.runThread { try prepare() }
        report.published = published
        if stop.isSet { throw ReplayStop.failure }
        let goals = try await DedicatedThread.run(named: "replay") { try findGoals() }
        let runners = ReplayStages(settings, partitions, goals)
        let (stop, settings) = (stop, settings)
        let start = ContinuousClock.now
        let result = try await stop.listening {
            try await runners.run(stop: stop) {
                try ReplayWatch(settings, goals).run(runners, stop)
            }
        }
        Output.endProgress()
        report.interactions = result.interactions
        report.vectors = result.outputs[0]
        report.trends = result.outputs[1]
        report.commands = result.outputs[2]
        report.seconds = (ContinuousClock.now - start) / .seconds(1)
        if stop.isSet { throw ReplayStop.failure }
        return report
    }

    /// Creates the topics; publishes the trace, if the source is one.
    private func prepare() throws -> ReplayPublish.Report? {
        let admin = try Admin(live.client, logger: CommandLog.logger("replay"))
        let cluster = try admin.topics()
        let missing = try ReplayTopics.missing(
            name, files: try TopicFile.readAll(in: folder), cluster: cluster, hasInputs: source.file != nil)
        try ReplayTopics.create(missing, admin)
        guard let file = source.file else { return nil }
        let topics = settings.topics
        let topic = topics.name(TopicName.interactions)
        let count = try admin.topics().first { $0.name == topic }?.topicPartitions ?? 0
        return try ReplayPublish(settings: settings, name: name, topic: topic, stop: stop).publish(
            file: file, pace: pace,
            ending: (topicPartitions: count, telemetry: topics.name(TopicName.partitionTelemetry)))
    }

    /// Fixes where to end, and where to start: a group that has committed something goes on from there.
    private func findGoals() throws -> Goals {
        let admin = try Admin(live.client, logger: CommandLog.logger("replay"))
        let span = source.file == nil ? source : ReplaySource()
        let scope = try ReplayScope(span, settings, admin)
        let bounds = try scope.inputs(admin)
        let telemetry = scope.place(TopicName.partitionTelemetry)
        let goals = Goals(
            interactions: bounds.spans.filter { $0.key != telemetry },
            telemetry: bounds.spans.filter { $0.key == telemetry })
        try setStart("updater", goals.interactions, admin)
        try setStart(settings.topics.plannerStage, goals.telemetry, admin)
        return goals
    }

    private func setStart(_ stage: String, _ spans: [TopicPartition: Range<Int64>], _ admin: Admin) throws {
        let group = settings.streams.groupPrefix + stage
        let committed = try admin.committedOffsets(ofGroup: group, spans.keys.sorted())
        if !committed.isEmpty { return Output.note("group \(group) goes on where it stopped") }
        let starts = spans.mapValues(\.lowerBound).filter { $0.value > 0 }
        let cluster = KafkaCluster(live.client, logger: CommandLog.logger("replay"))
        let consumer = try cluster.makeConsumer(group: group, client: "\(group)-start")
        defer { consumer.close() }
        try consumer.commit(starts.mapValues { OffsetAndMetadata($0) })
    }
}
