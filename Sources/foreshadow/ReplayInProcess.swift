import Contracts
import Foundation
import Kafka
import Pipeline
import Streams

/// `replay --nowhere` and `replay --diff`: the source through all stages in this process.
struct ReplayInProcess {
    let settings: Settings
    let source: ReplaySource
    /// Topic descriptions: they say how many topic partitions a trace is spread over.
    let folder: String?

    /// One pass under one configuration.
    func fold(_ partitions: PartitionMap) async throws -> ReplaySummary {
        let pipeline = settings.pipeline
        return try await run { taskCount, drive in
            let replay = PipelineReplay(pipeline, partitions, taskCount: taskCount)
            let seconds = try drive { input, record in replay.apply(record, from: input) }
            return ReplaySummary(
                totals: replay.totals, commands: replay.commands, alerts: replay.alerts.map(\.line),
                seconds: seconds)
        }
    }

    /// One pass under two configurations.
    func diff(_ partitions: PartitionMap, _ other: Settings) async throws -> ReplayDiff.Report {
        let first = (settings.pipeline, partitions)
        let second = (other.pipeline, try other.partitionMap())
        return try await run { taskCount, drive in
            let diff = ReplayDiff(first, second, taskCount: taskCount)
            _ = try drive { input, record in diff.apply(record, from: input) }
            return diff.report
        }
    }

    private typealias Apply = (PipelineReplay.Input, borrowing Record) -> Void

    /// Calls `body`, on a thread of its own, with the number of tasks and with what drives the source through
    /// a closure and answers in how many seconds.
    private func run<Result: Sendable>(
        _ body: @Sendable @escaping (Int32, (Apply) throws -> Double) throws -> Result
    ) async throws -> Result {
        let (settings, source) = (settings, source)
        let fileTasks = try source.file.map { _ in try Self.taskCount(folder) }
        let result = try await DedicatedThread.run(named: "replay") {
            if let file = source.file, let fileTasks {
                return try body(fileTasks) { apply in try Self.drive(file, fileTasks, apply) }
            }
            let admin = try Admin(settings.client, logger: CommandLog.logger("replay"))
            let scope = try ReplayScope(source, settings, admin)
            let bounds = try scope.inputs(admin)
            return try body(scope.taskCount) { apply in
                let total = bounds.spans.values.map(\.count).reduce(0, +)
                let progress = ReplayProgress("records", total: Int64(total))
                try PipelineReplay.read(
                    scope.topics, taskCount: scope.taskCount, bounds: bounds,
                    on: ReplayVerify.cluster(settings), progress: { progress.add($0) }, apply)
                return progress.seconds
            }
        }
        Output.endProgress()
        return result
    }

    private static func drive(_ file: String, _ taskCount: Int32, _ apply: Apply) throws -> Double {
        let progress = ReplayProgress("records", total: nil)
        try ReplayFile(file, taskCount: taskCount).forEach(
            progress: { progress.add($0, fraction: $1) }, apply)
        return progress.seconds
    }

    private static func taskCount(_ folder: String?) throws -> Int32 {
        let files = try TopicFile.readAll(in: folder)
        guard let file = files.first(where: { $0.name == TopicName.interactions }) else {
            throw CommandFailure.input("no description of '\(TopicName.interactions)' in the topics folder")
        }
        return file.topicPartitions
    }
}

/// What a replay without a destination came to.
struct ReplaySummary: Codable, Sendable {
    var totals: ReplayTotals
    var commands: [ReplayedCommand]
    /// Those that began or ended, as lines.
    var alerts: [String]
    var seconds: Double

    /// For people.
    var text: String {
        let rate = Int(Double(totals.events) / max(seconds, 0.001))
        return """
            events    \(totals.events) in \(ReplayProgress.text(seconds)) (\(rate) a second)
                      \(totals.duplicates) duplicates, \(totals.deadLetters) dead letters, \(totals.late) late
            vectors   \(totals.vectors) changes of \(totals.customers) customers
            windows   \(totals.windows)
            commands  \(totals.commands)\(commands.map { "\n          \($0.text)" }.joined())
            alerts    \(totals.alerts)\(alerts.map { "\n          \($0)" }.joined())
            """
    }
}

extension ReplayedCommand {
    /// For people.
    var text: String {
        let share = phase == "ramping" ? " \(readShareMilli / 10) %" : ""
        return "\(Self.time(windowEnd))  \(shadow)  epoch \(epoch)  \(type)\(share)"
    }

    static func time(_ time: EventTime) -> String {
        Date(timeIntervalSince1970: Double(time) / 1_000).ISO8601Format()
    }
}

extension Alert {
    /// For people.
    var line: String {
        "\(ReplayedCommand.time(since))  \(state.rawValue)  \(severity.rawValue)  \(rule)  \(what)"
    }
}

extension ReplayDiff.Report {
    /// For people.
    var text: String {
        var lines = [
            "              this configuration   the other",
            row("vectors", first.vectors, second.vectors),
            row("dead letters", first.deadLetters, second.deadLetters),
            row("windows", first.windows, second.windows),
            row("commands", first.commands, second.commands),
            row("alerts", first.alerts, second.alerts),
            row("only there", Int64(onlyFirst.count), Int64(onlySecond.count)),
            "customers whose coming accesses are expected mostly elsewhere: \(customersElsewhere) of \(customers)",
        ]
        if !shadows.isEmpty { lines.append("shadows, where they first part:") }
        for shadow in shadows {
            lines.append("  \(shadow.shadow)")
            lines.append("    this   \(shadow.first?.text ?? "no more commands")")
            lines.append("    other  \(shadow.second?.text ?? "no more commands")")
        }
        return lines.joined(separator: "\n")
    }

    private func row(_ name: String, _ first: Int64, _ second: Int64) -> String {
        func pad(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        return name + pad("\(first)", 32 - name.count) + pad("\(second)", 12)
    }
}
