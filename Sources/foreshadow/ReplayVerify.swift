import Contracts
import Foundation
import Kafka
import Pipeline
import Streams

/// `replay --verify`: does the recorded input still lead to the recorded outputs?
struct ReplayVerify {
    /// The result for programs.
    struct Report: Codable {
        struct Stage: Codable {
            var stage: String
            var topicPartition: Int32
            var counts: ReplayComparison.Counts
            var difference: String?
            var kind: ReplayDifference.Kind?
            var unverifiable: String?
        }

        var verified: Bool
        var events: Int64
        var seconds: Double
        var stages: [Stage]
    }

    let settings: Settings
    let partitions: PartitionMap
    let scope: ReplayScope

    /// Verifies all topic partitions asked for, a few at a time.
    func run() async throws -> Report {
        let (settings, scope) = (settings, scope)
        let bounds = try await DedicatedThread.run(named: "replay") {
            try scope.verification(try Admin(settings.client, logger: CommandLog.logger("replay")))
        }
        let verification = verification(bounds.tasks)
        let tasks = (0..<scope.taskCount).filter { scope.source.offsets?.keys.contains($0) ?? true }
        let total = tasks.map {
            bounds.tasks.spans[TopicPartition(settings.topics.name(TopicName.interactions), $0)]?.count ?? 0
        }.reduce(0, +)
        let progress = ReplayProgress("interactions", total: Int64(total))
        var outcomes = try await verify(tasks, verification, progress)
        let events = progress.done
        if scope.source.offsets == nil {
            let planner = self.verification(bounds.planner)
            outcomes.append(
                try await DedicatedThread.run(named: "replay") {
                    try planner.verifyPlanner(on: Self.cluster(settings))
                })
        }
        Output.endProgress()
        return Report(
            verified: outcomes.allSatisfy { $0.difference == nil }, events: events, seconds: progress.seconds,
            stages: outcomes.map {
                Report.Stage(
                    stage: $0.stage, topicPartition: $0.task, counts: $0.counts,
                    difference: $0.difference?.description, kind: $0.difference?.kind,
                    unverifiable: $0.unverifiable)
            })
    }

    private func verification(_ bounds: ReplayBounds) -> ReplayVerification {
        ReplayVerification(
            settings.pipeline, partitions, settings.topics, taskCount: scope.taskCount, bounds: bounds)
    }

    /// As many tasks at once as there are processors, each on a thread of its own.
    private func verify(
        _ tasks: [Int32], _ verification: ReplayVerification, _ progress: ReplayProgress
    ) async throws -> [ReplayOutcome] {
        let settings = settings
        let width = ProcessInfo.processInfo.activeProcessorCount
        return try await withThrowingTaskGroup(of: [ReplayOutcome].self) { group in
            var outcomes: [ReplayOutcome] = []
            for (index, task) in tasks.enumerated() {
                if index >= width { outcomes += try await group.next() ?? [] }
                group.addTask {
                    try await DedicatedThread.run(named: "verify-\(task)") {
                        try verification.verify(task: task, on: Self.cluster(settings)) { progress.add($0) }
                    }
                }
            }
            while let more = try await group.next() { outcomes += more }
            return outcomes.sorted { ($0.stage, $1.task) > ($1.stage, $0.task) }
        }
    }

    /// What librdkafka fetches ahead is bounded, so that memory does not grow with the topics; not too narrowly,
    /// because at the bound it rests for a second.
    static func cluster(_ settings: Settings) -> KafkaCluster {
        KafkaCluster(
            settings.client,
            consumerSettings: ["queued.max.messages.kbytes": "32768"].merging(
                settings.streams.consumerSettings
            ) { $1 },
            logger: CommandLog.logger("replay"))
    }
}

extension ReplayVerify.Report {
    /// The result for people.
    var text: String {
        let lines = stages.map { stage in
            "\(stage.stage) \(stage.topicPartition): \(stage.text)"
        }
        let rate = Int(Double(events) / max(seconds, 0.001))
        let end =
            verified
            ? "no difference" : "\(stages.count { $0.difference != nil }) topic partitions differ"
        return
            (lines + ["\(end); \(events) interactions in \(ReplayProgress.text(seconds)), \(rate) a second"])
            .joined(separator: "\n")
    }
}

extension ReplayVerify.Report.Stage {
    fileprivate var text: String {
        if let unverifiable { return "cannot be verified: \(unverifiable)" }
        let notes = [
            (counts.compactedAway, "compacted away"), (counts.before, "of before the oldest recorded"),
            (counts.notYetRecorded, "not processed yet"), (counts.leftOut, "recorded after the span"),
        ].filter { $0.0 > 0 }.map { ", \($0.0) \($0.1)" }.joined()
        let equal = "\(counts.equal) records equal\(notes)"
        guard let difference else { return equal }
        return "\(kind?.rawValue ?? "differs") after \(equal)\n  \(difference)"
    }
}
