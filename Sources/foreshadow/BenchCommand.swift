import ArgumentParser
import Contracts
import Foundation
import Kafka
import Logging
import Pipeline
import Streams
import Workload

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure the updater: events per CPU second beside the floor, its engine, and latency.",
        discussion: """
            Publishes generated interactions into a topic of its own, then measures in this process, one after \
            the other: the floor, which only copies the same bytes from topic to topic, and the updater; both \
            with transactions, lz4 and a commit every 100 ms. CPU seconds are user and system time of the \
            process (getrusage), librdkafka's threads included; the cluster runs in another process.

            The updater has a recurrent network of 32 units over 24 partitions (random weights, which cost what \
            trained ones do), unless --no-network says otherwise. Then the affinity engine alone is measured, on one \
            core, with the network and without; and so is the planner, with 10,000 flows over 1,000 partitions that \
            all change in every window. --planner-only measures nothing else. --routing-only measures what a decision costs \
            in process, with 8 and 64 partitions; scripts/load measures it over HTTP.

            With --latency it then publishes, open loop, half of what the updater sustained, and measures the time \
            from when an event was due until its vector can be read, committed.

              foreshadow bench
              foreshadow bench --latency
              foreshadow bench --planner-only
              foreshadow bench --routing-only
              foreshadow bench --brokers localhost:9092 --events 1000000
            """)

    @Option(help: "Use this cluster; its topics bench-* are created. Without: an embedded one.")
    var brokers: String?
    @Option(help: "How many events (default: 1,000,000 on a cluster, 150,000 on the embedded one).")
    var events: Int?
    @Option(help: "How many topic partitions.") var topicPartitions: Int32 = 4
    @Option(help: "How often to measure each; the medians count.") var runs = 3
    @Flag(help: "Measure the updater without a network.") var noNetwork = false
    @Flag(help: "Measure latency too.") var latency = false
    @Option(help: "The load for --latency, in events per second (default: half of what is sustained).")
    var rate: Int?
    @Option(help: "How long each load for --latency lasts.") var seconds = 20
    @Option(help: "Measure too how fast the state of so many customers is restored.") var restore: Int?
    @Flag(help: "Measure the planner, and nothing else.") var plannerOnly = false
    @Flag(help: "Measure decisions in process, and nothing else.") var routingOnly = false
    @Flag(help: "Print the figures as JSON.") var json = false

    func run() async throws {
        CommandLog.level = .error
        if plannerOnly {
            let planner = PlannerBench().measure()
            return Output.line(try json ? Output.json(planner) : planner.text)
        }
        if routingOnly {
            let results = try RoutingBench().measure()
            return Output.line(try json ? Output.json(results) : results.map(\.text).joined(separator: "\n"))
        }
        let runs = max(1, runs)
        let snapshotTopics = Bench.snapshotTopics(runs + StreamConfiguration.Guarantee.allCases.count + 1)
        let topics = Bench.topics + snapshotTopics
        let broker = try brokers == nil ? BenchBroker(topics, topicPartitions: topicPartitions) : nil
        defer { broker?.stop() }
        let bench = Bench(
            client: ClientConfiguration(brokers: brokers ?? broker?.brokers ?? ""),
            events: events ?? (brokers == nil ? 150_000 : 1_000_000), topicPartitions: topicPartitions,
            hasNetwork: !noNetwork, snapshotTopics: snapshotTopics)
        if brokers != nil { try await bench.createTopics() }
        try await bench.fill()
        var floors: [Double] = []
        var updaters: [Double] = []
        var sustained: [Double] = []
        for run in 0..<runs {
            Output.note("run \(run + 1) of \(runs)")
            floors.append(try await bench.measureFloor())
            let updater = try await bench.measureUpdater(run)
            updaters.append(updater.perCPUSecond)
            sustained.append(updater.perSecond)
        }
        var result = Result(
            events: bench.events, floor: Bench.median(floors), updater: Bench.median(updaters))
        Output.note("the engine alone")
        let measured = min(bench.events, 150_000)
        result.engine = try EngineBench(
            configuration: bench.configuration, events: Array(bench.generated(measured))
        ).measure()
        Output.note("the planner alone")
        result.planner = PlannerBench().measure()
        if latency {
            let rate = rate ?? Int(Bench.median(sustained) / 2)
            let measuring = LatencyBench(bench: bench, rate: rate, seconds: seconds)
            for (number, guarantee) in StreamConfiguration.Guarantee.allCases.enumerated() {
                Output.note("\(guarantee.rawValue) at \(rate) events per second")
                result.latency.append(try await measuring.measure(guarantee, run: runs + number))
            }
        }
        if let restore {
            Output.note("restoring \(restore) customers")
            let measuring = RestoreBench(bench: bench, customers: restore, run: snapshotTopics.count - 1)
            result.restore = try await measuring.measure()
        }
        Output.line(try json ? Output.json(result) : result.text)
    }

    /// Events per CPU second of both, and their ratio.
    struct Result: Codable {
        var events: Int
        var floor: Double
        var updater: Double
        var engine: EngineBench.Result?
        var planner: PlannerBench.Result?
        var latency: [LatencyBench.Result] = []
        var restore: RestoreBench.Result?

        var text: String {
            let throughput = """
                floor    \(Int(floor)) events per CPU second (copies \(events) events)
                updater  \(Int(updater)) events per CPU second
                ratio    \((updater / floor * 1_000).rounded() / 1_000)
                """
            let more =
                (engine.map { ["engine   \($0.text)"] } ?? [])
                + (planner.map { ["planner  \($0.text)"] } ?? []) + latency.map { "latency  \($0.text)" }
                + (restore.map { ["restore  \($0.text)"] } ?? [])
            return ([throughput] + more).joined(separator: "\n")
        }
    }
}

/// The embedded cluster in a process of its own, so that its CPU time does not count.
struct BenchBroker {
    private let process = Process()
    private let input = Pipe()
    let brokers: String

    init(_ topics: [String], topicPartitions: Int32) throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["broker"] + topics.flatMap { ["--topic", "\($0):\(topicPartitions)"] }
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        brokers = line.trimmingCharacters(in: .whitespacesAndNewlines)
        if brokers.isEmpty { throw CommandFailure.cluster("the embedded cluster did not start") }
    }

    func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
