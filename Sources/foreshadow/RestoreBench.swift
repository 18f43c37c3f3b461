import Affinity
import Contracts
import Foundation
import Kafka
import Pipeline
import Streams
import Workload

/// How fast a worker that starts anew has the state of all its customers back.
struct RestoreBench: Sendable {
    /// What was measured.
    struct Result: Codable {
        var customers: Int
        var entries: Int
        /// Customers per CPU second of the process, librdkafka's threads included.
        var perCPUSecond: Double
        /// Until the worker was live, joining the group included.
        var seconds: Double

        var text: String {
            "\(Int(perCPUSecond)) customers per CPU second (\(customers) customers in \(entries) entries, "
                + "live after \(seconds) s)"
        }
    }

    let bench: Bench
    let customers: Int
    /// The topic for snapshots, by its place among the bench's.
    let run: Int

    /// How often each customer is seen.
    private static let visits = 4

    /// Fills the state, saves it, and times another worker's restore of it.
    func measure() async throws -> Result {
        var streams = bench.streams()
        streams.snapshotRecords = .max
        streams.snapshotEntries = .max
        streams.snapshotIntervalMilliseconds = 3_600_000
        let stage = try bench.updaterStage(run)
        let client = bench.client
        try await work(stage, streams) { control in
            try await bench.wait(for: control)
            let before = Self.records(control)
            try await DedicatedThread.run(named: "load") { try load(client) }
            while Self.records(control) < before + Int64(customers * Self.visits) {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        // A second one folds all of it and saves each customer once, as compaction leaves them.
        streams.snapshotIntervalMilliseconds = 1
        try await work(stage, streams) { control in
            try await bench.wait(for: control)
            try await Task.sleep(for: .seconds(Double(bench.topicPartitions)))
        }
        streams.snapshotIntervalMilliseconds = 3_600_000
        let restoring = StageRunner(stage, configuration: streams, logger: CommandLog.logger("bench"))
        let (cpu, start) = (Bench.cpuSeconds(), ContinuousClock.now)
        async let restored: Void = restoring.run()
        defer { restoring.control.stop() }
        while !restoring.control.status.isReady { try await Task.sleep(for: .milliseconds(2)) }
        let used = Bench.cpuSeconds() - cpu
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let status = restoring.control.status
        let count = Int(status.reports.values.reduce(0) { $0 + $1.customers })
        restoring.control.stop()
        try await restored
        return Result(
            customers: count, entries: status.restoredEntries, perCPUSecond: Double(count) / used,
            seconds: (seconds * 100).rounded() / 100)
    }

    /// Runs the stage while `body` does.
    private func work(
        _ stage: PipelineStage<UpdaterProcessor>, _ streams: StreamConfiguration,
        _ body: (StageControl<UpdaterProcessor.Report>) async throws -> Void
    ) async throws {
        let runner = StageRunner(stage, configuration: streams, logger: CommandLog.logger("bench"))
        async let running: Void = runner.run()
        defer { runner.control.stop() }
        try await body(runner.control)
        runner.control.stop()
        try await running
    }

    private static func records(_ control: StageControl<UpdaterProcessor.Report>) -> Int64 {
        Array(control.status.reports.values).totals.records
    }

    private func load(_ client: ClientConfiguration) throws {
        let publisher = try Publisher(
            client, topics: [Bench.prefix + TopicName.interactions], logger: CommandLog.logger("bench"))
        var visit = 0
        for (i, event) in try bench.generated(customers * Self.visits).enumerated() {
            if i.isMultiple(of: customers) { visit += 1 }
            let customer = "restored-\(i % customers)"
            var record = TraceRecord(event, line: i)
            record.key = Array(customer.utf8)
            record.value = Array(
                #"{"id":"\#(i)","customer":"\#(customer)","time":\#(event.time),"kind":"purchase","region":"\#(event.region)"}"#
                    .utf8)
            try publisher.publish(record)
            if i.isMultiple(of: 10_000) { Output.progress("visit \(visit): \(i) events") }
        }
        try publisher.finish()
        Output.endProgress()
    }
}
