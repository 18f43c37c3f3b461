import Contracts
import Foundation
import Kafka
import Pipeline
import Streams

/// The three stages of a replay, in this process.
struct ReplayStages: Sendable {
    /// What was done since the start.
    struct Result: Sendable {
        var interactions: Int64 = 0
        /// Records put out by updater, trend aggregator and planner.
        var outputs = [0, 0, 0]
    }

    private let updater: StageRunner<UpdaterProcessor>
    private let trends: StageRunner<TrendsProcessor>
    private let planner: StageRunner<PlannerProcessor>

    init(_ settings: Settings, _ partitions: PartitionMap, _ goals: ReplayInto.Goals) {
        let logger = CommandLog.logger("replay")
        var streams = settings.streamConfiguration()
        streams.until = goals.interactions.mapValues(\.upperBound)
        streams.until.merge(goals.telemetry.mapValues(\.upperBound)) { $1 }
        let (pipeline, topics) = (settings.pipeline, settings.topics)
        updater = StageRunner(
            UpdaterProcessor.stage(pipeline, partitions, topics), configuration: streams, logger: logger)
        trends = StageRunner(
            TrendsProcessor.stage(pipeline, partitions, topics), configuration: streams, logger: logger)
        planner = StageRunner(
            PlannerProcessor.stage(pipeline, partitions, topics), configuration: streams, logger: logger)
    }

    /// Runs until `watch`, on a thread of its own, returns.
    func run(stop: ReplayStop, watch: @Sendable @escaping () throws -> Void) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await updater.run() }
            group.addTask { try await trends.run() }
            group.addTask { try await planner.run() }
            group.addTask {
                defer { end() }
                try await DedicatedThread.run(named: "watch", watch)
            }
            do {
                while try await group.next() != nil {}
            } catch {
                // The others end in their own time; what they did is committed.
                stop.set()
                end()
                throw error
            }
        }
        return result
    }

    private func end() {
        updater.control.stop()
        trends.control.stop()
        planner.control.stop()
    }

    /// What was done so far, as of the last commits.
    var result: Result {
        let records = updater.control.status.reports.values.map(\.records).reduce(0, +)
        return Result(
            interactions: records,
            outputs: [
                updater.control.status.committedOutputs, trends.control.status.committedOutputs,
                planner.control.status.committedOutputs,
            ])
    }
}

/// Waits until the stages of a replay have read all there is, one after the other, and tells how far they are.
struct ReplayWatch {
    private let settings: Settings
    private let goals: ReplayInto.Goals
    private let admin: Admin

    private static let interval = 0.5
    /// Where fewer offsets are left than this, it is looked whether they hold records.
    private static let tail: Int64 = 8

    init(_ settings: Settings, _ goals: ReplayInto.Goals) throws {
        self.settings = settings
        self.goals = goals
        admin = try Admin(settings.client, logger: CommandLog.logger("replay"))
    }

    /// Returns when all is read, or when told to stop.
    func run(_ stages: ReplayStages, _ stop: ReplayStop) throws {
        let total = goals.interactions.values.map(\.count).reduce(0, +)
        let progress = ReplayProgress("interactions", total: Int64(total))
        while !stop.isSet {
            Thread.sleep(forTimeInterval: Self.interval)
            let left: (updater: Int64, trends: Int64, planner: Int64)
            do throws(KafkaError) {
                left = try remaining()
            } catch {
                if !error.isRetriable { throw error }
                continue
            }
            if left == (0, 0, 0) { return }
            let note = "left: updater \(left.updater), trends \(left.trends), planner \(left.planner)"
            progress.reach(Int64(total) - left.updater, note: note)
        }
    }

    /// What each stage has still to read. A later stage's input ends where the earlier one's output does, so
    /// all is read when nothing is left of any, in one look.
    private func remaining() throws(KafkaError) -> (updater: Int64, trends: Int64, planner: Int64) {
        let vectors = try spans(TopicName.affinityVectors, Int32(goals.interactions.count))
        var inputs = try spans(TopicName.partitionTrends, 1)
        inputs.merge(goals.telemetry) { $1 }
        let updater = try open("updater", goals.interactions)
        let trends = try open("trends", vectors)
        let planner = try open(settings.topics.plannerStage, inputs)
        let all = [updater, trends, planner].flatMap { $0 }
        // Looking into a topic costs a connection, so that is for the very end.
        if all.allSatisfy({ $0.value.count <= Self.tail && isEmpty($0.key, $0.value) }) { return (0, 0, 0) }
        return (Self.sum(updater), Self.sum(trends), Self.sum(planner))
    }

    private static func sum(_ spans: [TopicPartition: Range<Int64>]) -> Int64 {
        Int64(spans.values.map(\.count).reduce(0, +))
    }

    private func spans(_ topic: String, _ count: Int32) throws(KafkaError) -> [TopicPartition: Range<Int64>] {
        var spans: [TopicPartition: Range<Int64>] = [:]
        for number in 0..<count {
            let place = TopicPartition(settings.topics.name(topic), number)
            spans[place] = try admin.watermarks(of: place)
        }
        return spans
    }

    /// What a stage has not committed.
    private func open(_ stage: String, _ spans: [TopicPartition: Range<Int64>]) throws(KafkaError)
        -> [TopicPartition: Range<Int64>]
    {
        let group = settings.streams.groupPrefix + stage
        let committed = try admin.committedOffsets(ofGroup: group, spans.keys.sorted())
        var open: [TopicPartition: Range<Int64>] = [:]
        for (place, span) in spans {
            let start = max(span.lowerBound, committed[place] ?? 0)
            if start < span.upperBound { open[place] = start..<span.upperBound }
        }
        return open
    }

    /// Where a transaction ended there is an offset without a record, and a group whose last offset that is need
    /// not have committed it.
    private func isEmpty(_ place: TopicPartition, _ span: Range<Int64>) -> Bool {
        do throws(KafkaError) {
            let log = try ReplayLog(place, span: span, cluster: ReplayVerify.cluster(settings))
            return try !log.hasNext()
        } catch {
            return false
        }
    }
}
