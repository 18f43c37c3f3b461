public import Contracts
public import Kafka
internal import Streams
public import Trends

/// A command as a replay made it, without the figures that led to it.
public struct ReplayedCommand: Sendable, Hashable, Codable {
    /// The shadow: source and target.
    public var shadow: String
    /// What is announced.
    public var type: String
    /// The new phase.
    public var phase: String
    /// Share of the cohort's customers that read from the target, in thousandths.
    public var readShareMilli: Int64
    /// The end of the window that led to it.
    public var windowEnd: EventTime
    /// Its number among the shadow's commands.
    public var epoch: UInt64

    /// Whether both say the same of the same window. Epochs may differ, because they count what came before.
    public func means(_ other: ReplayedCommand) -> Bool { meaning == other.meaning }

    var meaning: ReplayedCommand {
        var meaning = self
        meaning.epoch = 0
        return meaning
    }
}

/// What a replay has made so far.
public struct ReplayTotals: Sendable, Equatable, Codable {
    /// Records of `interactions`, marks not counted.
    public var events: Int64 = 0
    /// Interactions dropped because their id was known.
    public var duplicates: Int64 = 0
    /// Accesses that were older than their customer's last.
    public var late: Int64 = 0
    /// Customers known.
    public var customers: Int64 = 0
    /// Vector changes.
    public var vectors: Int64 = 0
    /// Records that could not be used.
    public var deadLetters: Int64 = 0
    /// Windows in which sums changed.
    public var windows: Int64 = 0
    /// Commands.
    public var commands: Int64 = 0
    /// Alerts that began or ended.
    public var alerts: Int64 = 0

    /// Nothing yet.
    public init() {}
}

/// All stages in this process, without a cluster: interactions and telemetry in; vectors, commands and alerts out.
///
/// The order of the records is the caller's; the same order gives the same bytes.
public final class PipelineReplay {
    /// Where a record comes from.
    public enum Input: Sendable, Equatable { case interactions, telemetry }

    /// The commands so far, in order.
    public private(set) var commands: [ReplayedCommand] = []
    /// The alerts that began or ended so far, in order.
    public private(set) var alerts: [Alert] = []

    private let partitions: PartitionMap
    private var updaters: [ReplayFold<UpdaterProcessor>]
    private var aggregators: [ReplayFold<TrendsProcessor>]
    private var planner: ReplayFold<PlannerProcessor>
    private var windowEnds: Set<EventTime> = []

    /// Each stage's first output is what it makes; others take its dead letters and what else it tells.
    private static let made = 0
    private static let trends = 0
    private static let telemetry = 1

    /// A pipeline that knows nothing yet, with as many tasks as `interactions` has topic partitions.
    public init(_ configuration: PipelineConfiguration, _ partitions: PartitionMap, taskCount: Int32) {
        self.partitions = partitions
        let updater = UpdaterProcessor.stage(configuration, partitions)
        let aggregator = TrendsProcessor.stage(configuration, partitions)
        let places = (0..<taskCount).map { TaskPlace(number: $0, count: taskCount) }
        updaters = places.map { ReplayFold(updater, task: $0) }
        aggregators = places.map { ReplayFold(aggregator, task: $0) }
        planner = ReplayFold(
            PlannerProcessor.stage(configuration, partitions), task: TaskPlace(number: 0, count: 1))
    }

    /// What was made so far.
    public var totals: ReplayTotals {
        var totals = ReplayTotals()
        for report in updaters.map(\.processor.report) {
            totals.events += report.records
            totals.duplicates += report.duplicates
            totals.late += report.late
            totals.customers += report.customers
            totals.vectors += report.changes
            totals.deadLetters += report.deadLetters
        }
        totals.deadLetters += planner.processor.report.deadLetters
        totals.windows = Int64(windowEnds.count)
        totals.commands = Int64(commands.count)
        totals.alerts = Int64(alerts.count)
        return totals
    }

    /// The shadows there are or were.
    public var shadows: [ShadowState] { planner.processor.report.shadows }

    /// Applies a record through all stages. `onVector` gets each change of a vector, tombstones too.
    public func apply(
        _ record: borrowing Record, from input: Input, onVector: (borrowing Record) -> Void = { _ in }
    ) {
        switch input {
        case .telemetry: plan(record, Self.telemetry)
        case .interactions:
            let task = Int(record.partition)
            guard updaters.indices.contains(task) else { return }
            updaters[task].apply(record, input: UpdaterProcessor.interactions) { output, vector in
                guard output == Self.made else { return }
                onVector(vector)
                aggregators[task].apply(vector, input: 0) { _, sums in
                    if let value = sums.value,
                        let trend = try? TrendRecord(decoding: value, partitions: partitions)
                    {
                        windowEnds.insert(trend.windowEnd)
                    }
                    plan(sums, Self.trends)
                }
            }
        }
    }

    private func plan(_ record: borrowing Record, _ input: Int) {
        planner.apply(record, input: input) { output, made in
            guard let value = made.value else { return }
            if output == PlannerProcessor.alertChanges, let alert = try? Alert(decoding: value) {
                alerts.append(alert)
            }
            guard output == Self.made,
                let command = try? ShadowCommand(decoding: value, partitions: partitions)
            else { return }
            commands.append(
                ReplayedCommand(
                    shadow: command.shadow(partitions), type: command.type.rawValue,
                    phase: command.phase.rawValue, readShareMilli: command.readShareMilli,
                    windowEnd: command.windowEnd, epoch: command.epoch))
        }
    }

    /// Hands out the records of a cluster's `interactions` and `partition-telemetry` by time of publishing.
    public static func read(
        _ topics: PipelineTopics, taskCount: Int32, bounds: ReplayBounds, on cluster: any Cluster,
        progress: (Int64) -> Void = { _ in }, _ body: (Input, borrowing Record) -> Void
    ) throws(KafkaError) {
        var logs: [ReplayLog] = []
        for number in 0..<taskCount {
            let place = TopicPartition(topics.name(TopicName.interactions), number)
            logs.append(try ReplayLog(place, span: bounds.span(place), cluster: cluster))
        }
        let place = TopicPartition(topics.name(TopicName.partitionTelemetry), 0)
        logs.append(try ReplayLog(place, span: bounds.span(place), cluster: cluster))
        var merge = ReplayMerge(logs)
        var count: Int64 = 0
        while let number = try merge.next() {
            let input = number < Int(taskCount) ? Input.interactions : .telemetry
            logs[number].withNext { body(input, $0) }
            merge.consume(number)
            count += 1
            if count.isMultiple(of: 1_000) { progress(1_000) }
        }
        progress(count % 1_000)
    }
}
