public import Contracts
public import Kafka
public import Streams

/// What there is of each topic partition, and how far the pipeline was, when a replay began.
///
/// Taken in this order: what the groups have committed, where the outputs end, where the inputs end. Then
/// whatever led to a recorded output is in the inputs, and whatever the groups have committed is in the outputs.
public struct ReplayBounds: Sendable {
    /// What is kept and asked for.
    public var spans: [TopicPartition: Range<Int64>] = [:]
    /// What each stage had processed of its inputs.
    public var committed: [TopicPartition: Int64] = [:]
    /// Whether the inputs go on to their present ends.
    public var isComplete = true

    /// Nothing known yet.
    public init() {}

    func span(_ place: TopicPartition) -> Range<Int64> { spans[place] ?? 0..<0 }

    func isCommitted(_ place: TopicPartition, _ offset: Int64) -> Bool { offset < committed[place] ?? 0 }
}

/// What came of verifying one stage on one topic partition.
public struct ReplayOutcome: Sendable {
    /// The stage.
    public var stage: String
    /// The task, which is the number of its topic partitions.
    public var task: Int32
    /// What was found.
    public var counts = ReplayComparison.Counts()
    /// The first difference.
    public var difference: ReplayDifference?
    /// Why it cannot be verified.
    public var unverifiable: String?

    init(_ stage: String, _ task: Int32, _ comparison: ReplayComparison) {
        self.stage = stage
        self.task = task
        counts = comparison.counts
        difference = comparison.difference
    }

    init(_ stage: String, _ task: Int32, unverifiable reason: String) {
        self.stage = stage
        self.task = task
        unverifiable = reason
    }
}

/// Runs recorded input through the stages again and holds what comes of it against what was recorded.
///
/// Vectors go to the trend aggregator as they were recorded; those that compaction took, as they were recomputed:
/// so old windows can be verified too.
public struct ReplayVerification: Sendable {
    private let configuration: PipelineConfiguration
    private let partitions: PartitionMap
    private let topics: PipelineTopics
    private let bounds: ReplayBounds
    private let taskCount: Int32

    /// Each stage's first output is what it makes; a second one takes its dead letters.
    private static let made = 0

    /// Prepares to verify; reads nothing yet.
    public init(
        _ configuration: PipelineConfiguration, _ partitions: PartitionMap, _ topics: PipelineTopics,
        taskCount: Int32, bounds: ReplayBounds
    ) {
        self.configuration = configuration
        self.partitions = partitions
        self.topics = topics
        self.taskCount = taskCount
        self.bounds = bounds
    }

    /// Verifies topic partition `number` of `interactions` against that of `affinity-vectors`, and this one
    /// against its records of `partition-trends`. `progress` gets numbers of records now and then.
    public func verify(
        task number: Int32, on cluster: any Cluster, progress: (Int64) -> Void = { _ in }
    ) throws(KafkaError) -> [ReplayOutcome] {
        let input = TopicPartition(topics.name(TopicName.interactions), number)
        let vectorsPlace = TopicPartition(topics.name(TopicName.affinityVectors), number)
        let sumsPlace = TopicPartition(topics.name(TopicName.partitionTrends), 0)
        if let reason = reason(input) {
            return ["updater", "trends"].map { ReplayOutcome($0, number, unverifiable: reason) }
        }
        let place = TaskPlace(number: number, count: taskCount)
        var updater = ReplayFold(UpdaterProcessor.stage(configuration, partitions, topics), task: place)
        var trends = ReplayFold(TrendsProcessor.stage(configuration, partitions, topics), task: place)
        let vectors = ReplayComparison(
            try ReplayLog(vectorsPlace, span: bounds.span(vectorsPlace), cluster: cluster), isCompacted: true)
        let sums = ReplayComparison(
            try ReplayLog(sumsPlace, span: bounds.span(sumsPlace), cluster: cluster),
            key: Array(String(number).utf8), isCompacted: false)
        let log = try ReplayLog(input, span: bounds.span(input), cluster: cluster)
        try log.forEach(progress) { record throws(KafkaError) in
            if vectors.difference != nil { return false }
            let cause = ReplayCause(input, record.offset)
            let isCommitted = bounds.isCommitted(input, record.offset)
            try updater.apply(record, input: UpdaterProcessor.interactions) {
                output, vector throws(KafkaError) in
                guard output == Self.made else { return }
                let isThere = try vectors.expect(vector, cause: cause, mustBeRecorded: isCommitted)
                let vectorCause = ReplayCause(vectorsPlace, vectors.position - 1)
                let isRead = isThere && bounds.isCommitted(vectorsPlace, vectorCause.offset)
                try trends.apply(vector, input: 0) { _, sum throws(KafkaError) in
                    try sums.expect(sum, cause: vectorCause, mustBeRecorded: isRead)
                }
            }
            return true
        }
        try vectors.finish(isComplete: bounds.isComplete)
        // After a difference in the vectors nothing more is known of what comes of them.
        try sums.finish(isComplete: bounds.isComplete && vectors.difference == nil)
        return [ReplayOutcome("updater", number, vectors), ReplayOutcome("trends", number, sums)]
    }

    /// Verifies `partition-trends` and `partition-telemetry` against `partition-commands`.
    public func verifyPlanner(on cluster: any Cluster, progress: (Int64) -> Void = { _ in })
        throws(KafkaError) -> ReplayOutcome
    {
        let inputs = [TopicName.partitionTrends, TopicName.partitionTelemetry].map {
            TopicPartition(topics.name($0), 0)
        }
        for input in inputs {
            if let reason = reason(input) { return ReplayOutcome("planner", 0, unverifiable: reason) }
        }
        let commandsPlace = TopicPartition(topics.name(TopicName.partitionCommands), 0)
        var planner = ReplayFold(
            PlannerProcessor.stage(configuration, partitions, topics), task: TaskPlace(number: 0, count: 1))
        let commands = ReplayComparison(
            try ReplayLog(commandsPlace, span: bounds.span(commandsPlace), cluster: cluster),
            isCompacted: true)
        var logs: [ReplayLog] = []
        for input in inputs {
            logs.append(try ReplayLog(input, span: bounds.span(input), cluster: cluster))
        }
        var merge = ReplayMerge(logs)
        // A command may wait for either input, so it is sure to be recorded only if both had been read.
        var isCommitted = true
        var count: Int64 = 0
        while commands.difference == nil, let input = try merge.next() {
            try logs[input].withNext { record throws(KafkaError) in
                isCommitted = isCommitted && bounds.isCommitted(inputs[input], record.offset)
                let cause = ReplayCause(inputs[input], record.offset)
                try planner.apply(record, input: input) { output, command throws(KafkaError) in
                    guard output == Self.made else { return }
                    try commands.expect(command, cause: cause, mustBeRecorded: isCommitted)
                }
            }
            merge.consume(input)
            count += 1
            if count.isMultiple(of: 1_000) { progress(1_000) }
        }
        progress(count % 1_000)
        try commands.finish(isComplete: bounds.isComplete)
        return ReplayOutcome("planner", 0, commands)
    }

    private func reason(_ input: TopicPartition) -> String? {
        guard let span = bounds.spans[input] else { return "\(input) does not exist" }
        if span.lowerBound == 0 { return nil }
        return "\(input) begins at offset \(span.lowerBound): what came before was deleted, and with it the "
            + "input that the state was made of"
    }
}
