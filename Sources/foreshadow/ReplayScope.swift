import Contracts
import Kafka
import Pipeline
import Streams

/// Which part of a cluster's log a replay is about.
struct ReplaySource: Sendable {
    /// A trace; nil: the cluster's `interactions`.
    var file: String?
    /// Records published from then on.
    var from: Int64?
    /// Records published before then.
    var until: Int64?
    /// Exact offsets; other topic partitions are left out. Nil: all.
    var offsets: [Int32: ReplayOffsets.Span]?
}

/// What a cluster has of a replay's source and of what was made of it, looked up once.
struct ReplayScope: Sendable {
    let source: ReplaySource
    let topics: PipelineTopics
    let groupPrefix: String
    /// How many topic partitions `interactions` has.
    let taskCount: Int32

    /// Throws if a topic that is needed is not there.
    init(_ source: ReplaySource, _ settings: Settings, _ admin: Admin) throws {
        self.source = source
        topics = settings.topics
        groupPrefix = settings.streams.groupPrefix
        let name = topics.name(TopicName.interactions)
        guard let found = try admin.topics().first(where: { $0.name == name }) else {
            throw StageFailure.missingTopic(name)
        }
        taskCount = found.topicPartitions
        if let wrong = source.offsets?.keys.first(where: { $0 >= found.topicPartitions }) {
            throw CommandFailure.input(
                "--offsets names topic partition \(wrong); \(name) has 0 to \(found.topicPartitions - 1)")
        }
    }

    /// The topic partitions of a topic of which each task has one.
    func places(_ topic: String) -> [TopicPartition] {
        (0..<taskCount).map { TopicPartition(topics.name(topic), $0) }
    }

    /// The one topic partition of a topic that all tasks share.
    func place(_ topic: String) -> TopicPartition { TopicPartition(topics.name(topic), 0) }

    /// The span of the inputs.
    func inputs(_ admin: Admin) throws -> ReplayBounds {
        var bounds = ReplayBounds()
        for place in places(TopicName.interactions) {
            bounds.spans[place] = try span(place, source.from, source.until, source.offsets, admin)
        }
        let telemetry = place(TopicName.partitionTelemetry)
        bounds.spans[telemetry] = try span(telemetry, source.from, source.until, nil, admin)
        return bounds
    }

    /// What can be verified: inputs from their oldest records, because they made the state; outputs recorded
    /// from `from` on. See `ReplayBounds` for why in this order.
    ///
    /// `partition-trends` is an output of the tasks and an input of the planner, so there are two answers.
    func verification(_ admin: Admin) throws -> (tasks: ReplayBounds, planner: ReplayBounds) {
        var tasks = ReplayBounds()
        tasks.isComplete = source.until == nil && (source.offsets ?? [:]).values.allSatisfy { $0.end == nil }
        let (vectors, interactions) = (places(TopicName.affinityVectors), places(TopicName.interactions))
        let (trends, telemetry) = (place(TopicName.partitionTrends), place(TopicName.partitionTelemetry))
        for (stage, inputs) in [
            ("updater", interactions), ("trends", vectors), (topics.plannerStage, [trends, telemetry]),
        ] {
            let committed = try admin.committedOffsets(ofGroup: groupPrefix + stage, inputs)
            tasks.committed.merge(committed) { $1 }
        }
        let commands = place(TopicName.partitionCommands)
        for place in [commands, trends] + vectors {
            tasks.spans[place] = try span(place, source.from, nil, nil, admin)
        }
        var planner = tasks
        for place in [trends, telemetry] {
            planner.spans[place] = try span(place, nil, source.until, nil, admin)
        }
        let ends = source.offsets?.mapValues { ReplayOffsets.Span(start: nil, end: $0.end) }
        for place in interactions {
            tasks.spans[place] = try span(place, nil, source.until, ends, admin)
        }
        return (tasks, planner)
    }

    private func span(
        _ place: TopicPartition, _ from: Int64?, _ until: Int64?,
        _ offsets: [Int32: ReplayOffsets.Span]?, _ admin: Admin
    ) throws -> Range<Int64> {
        let kept = try admin.watermarks(of: place)
        if let offsets {
            guard let span = offsets[place.partition] else { return kept.upperBound..<kept.upperBound }
            return span.range(in: kept)
        }
        func offset(at time: Int64?) throws -> Int64? {
            guard let time else { return nil }
            // Where nothing is as new as that, there is only the end.
            return try admin.offsets(at: time, of: [place])[place] ?? kept.upperBound
        }
        let start = try offset(at: from)
        return ReplayOffsets.Span(start: start, end: try offset(at: until)).range(in: kept)
    }
}
