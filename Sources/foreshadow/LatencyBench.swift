import Contracts
import Foundation
import Kafka
import Pipeline
import Streams
import Synchronization
import Workload

/// How long an interaction takes until its vector is committed, under a steady load.
///
/// Open loop: events are due at fixed times, whatever the pipeline does, and the time counts from when an
/// event was due. So a stall counts for every event that it holds up.
struct LatencyBench: Sendable {
    /// Latencies in milliseconds.
    struct Result: Codable {
        var guarantee: String
        var eventsPerSecond: Int
        var seconds: Int
        var samples: Int
        var p50: Double
        var p99: Double
        var p999: Double

        var text: String {
            "\(guarantee): p50 \(p50) ms, p99 \(p99) ms, p99.9 \(p999) ms "
                + "(\(samples) samples at \(eventsPerSecond) events per second for \(seconds) s)"
        }
    }

    let bench: Bench
    let rate: Int
    let seconds: Int

    /// One event in this many is a customer's first, which is published whatever it is.
    private static let sampling = 50
    private static let sampleKey = "sample-"

    /// Runs the updater under the load and measures.
    func measure(_ guarantee: StreamConfiguration.Guarantee, run: Int) async throws -> Result {
        var streams = bench.streams()
        streams.guarantee = guarantee
        // As the settings have it.
        if guarantee == .atLeastOnce { streams.commitIntervalMilliseconds = 1_000 }
        let runner = StageRunner(
            try bench.updaterStage(run), configuration: streams, logger: CommandLog.logger("bench"))
        async let running: Void = runner.run()
        defer { runner.control.stop() }
        try await bench.wait(for: runner.control)
        let due = DueTimes()
        let (client, run) = (bench.client, UUID().uuidString.prefix(8).lowercased())
        let latencies = try await withThrowingTaskGroup(of: [Double].self) { group in
            group.addTask {
                try await DedicatedThread.run(named: "load") {
                    try load(client, run: String(run), due)
                    return []
                }
            }
            group.addTask {
                try await DedicatedThread.run(named: "samples") {
                    try collect(client, run: String(run), due)
                }
            }
            var all: [Double] = []
            for try await part in group { all += part }
            return all.sorted()
        }
        runner.control.stop()
        try await running
        func quantile(_ q: Double) -> Double {
            guard !latencies.isEmpty else { return .nan }
            let value = latencies[min(latencies.count - 1, Int(Double(latencies.count) * q))]
            return (value * 10).rounded() / 10
        }
        return Result(
            guarantee: guarantee.rawValue, eventsPerSecond: rate, seconds: seconds, samples: latencies.count,
            p50: quantile(0.5), p99: quantile(0.99), p999: quantile(0.999))
    }

    private var sampleCount: Int { rate * seconds / Self.sampling }

    /// Publishes events when they are due.
    private func load(
        _ client: ClientConfiguration, run: String, _ due: DueTimes
    ) throws {
        let publisher = try Publisher(
            client.setting(["linger.ms": "1"]), topics: [Bench.prefix + TopicName.interactions],
            logger: CommandLog.logger("bench"))
        let interval = Duration.seconds(1) / rate
        let start = ContinuousClock.now
        var number = 0
        for (i, event) in try bench.generated(rate * seconds).enumerated() {
            let time = start + interval * i
            while ContinuousClock.now < time {
                try publisher.send()
                Thread.sleep(forTimeInterval: 0.001)
            }
            var record = TraceRecord(event, line: i)
            if i % Self.sampling == 0, number < sampleCount {
                due.append(time)
                let customer = "\(Self.sampleKey)\(run)-\(number)"
                record.key = Array(customer.utf8)
                record.value = Array(
                    #"{"id":"\#(customer)","customer":"\#(customer)","time":\#(event.time),"kind":"purchase","region":"\#(event.region)"}"#
                        .utf8)
                number += 1
            }
            try publisher.publish(record)
        }
        try publisher.finish()
    }

    /// Reads committed vectors and times those of samples.
    private func collect(
        _ client: ClientConfiguration, run: String, _ due: DueTimes
    ) throws -> [Double] {
        let consumer = try Consumer(
            client.setting(["group.id": "bench-samples", "fetch.wait.max.ms": "5"]),
            logger: CommandLog.logger("bench"))
        // librdkafka's logical offset for the end.
        try consumer.assign(
            Dictionary(
                uniqueKeysWithValues: (0..<bench.topicPartitions).map {
                    (TopicPartition(Bench.prefix + TopicName.affinityVectors, $0), Int64(-1))
                }))
        let prefix = Array("\(Self.sampleKey)\(run)-".utf8)
        var latencies: [Double] = []
        let deadline = ContinuousClock.now + .seconds(seconds + 30)
        while latencies.count < sampleCount, ContinuousClock.now < deadline {
            let batch = consumer.poll(maximum: 1_000, timeoutMilliseconds: 20)
            let now = ContinuousClock.now
            for i in 0..<batch.count where batch.event(at: i) == nil {
                guard let key = batch.record(at: i).key else { continue }
                let number = key.withUnsafeBytes { bytes -> Int? in
                    guard bytes.starts(with: prefix) else { return nil }
                    return Int(String(decoding: bytes.dropFirst(prefix.count), as: UTF8.self))
                }
                guard let number else { continue }
                latencies.append((now - due[number]) / .milliseconds(1))
            }
        }
        return latencies
    }
}

/// When the samples were due, by number.
final class DueTimes: Sendable {
    private let times = Mutex<[ContinuousClock.Instant]>([])

    func append(_ time: ContinuousClock.Instant) { times.withLock { $0.append(time) } }

    subscript(number: Int) -> ContinuousClock.Instant { times.withLock { $0[number] } }
}
