import ArgumentParser
import Contracts
import Foundation
import Kafka
import Logging
import Orchestrator
import Pipeline
import Streams
import Workload

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Run the whole pipeline on an embedded Kafka, with a generated workload or a trace.",
        discussion: """
            Starts a Kafka cluster inside this process (on loopback, so other tools can look in: its address \
            is printed), creates the topics, runs all stages, feeds the workload as fast as it goes, and ends \
            with a summary. The telemetry that a data plane would send is simulated.

              foreshadow demo
              foreshadow demo --input trace.csv.gz --json --no-interactive
              foreshadow demo --linger 600        keep the cluster for ten minutes, to look at the topics:
                kcat -b 127.0.0.1:PORT -C -t partition-commands
              foreshadow demo --serve 8080 --rate 1500
                                          with the dashboard, slowly enough to watch, until Ctrl-C
            """)

    @OptionGroup var workload: WorkloadOptions
    @Option(help: "Play this trace (CSV or JSON Lines, gzip or not) instead of the generated workload.")
    var input: String?
    @Option(help: "Play at most this many events.") var events: Int?
    @Option(
        help: "Use this cluster instead of an embedded one. Its topics should be there, and fresh.")
    var brokers: String?
    @Option(name: .customLong("topics"), help: "The folder of topic descriptions (default: topics/).")
    var folder: String?
    @Option(help: "Write every output topic to DIR/TOPIC.jsonl at the end.") var export: String?
    @Option(help: "Keep the embedded cluster for this many seconds at the end.") var linger = 0
    @Option(
        help: "Serve look-ups and the dashboard on this port of this machine; stay until Ctrl-C, or --linger."
    )
    var serve: Int?
    @Option(help: "Publish this many events a second at most.") var rate: Int?
    @Flag(help: "Print the summary as one JSON object.") var json = false
    @Flag(inversion: .prefixedNo, help: "Draw live progress, where there is a terminal.") var interactive =
        true
    @Flag(name: .shortAndLong, help: "Log more.") var verbose = false

    func validate() throws {
        if let events, events < 1 { throw ValidationError("--events must be at least 1") }
        if let rate, rate < 1 { throw ValidationError("--rate must be at least 1") }
        if let serve, !(0...65_535).contains(serve) { throw ValidationError("--serve is a port") }
        if linger < 0 { throw ValidationError("--linger must not be negative") }
    }

    func run() async throws {
        CommandLog.level = verbose ? .info : .error
        let source = try makeSource()
        let run = try await DemoRun(source: source, command: self)
        guard let serve else { return try await play(run) }
        let serving = try run.orchestrator(port: serve)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await serving.run() }
            group.addTask {
                let port = try await Self.announce(serving)
                guard let clients = run.clients(port: port) else { return try await play(run) }
                // Ended with the scope.
                async let _: Void = clients.run()
                try await play(run)
            }
            // Serving ends only by failing; the demo, when it has lingered.
            try await group.next()
            group.cancelAll()
        }
    }

    private static func announce(_ serving: Orchestrator) async throws -> Int {
        while true {
            if let port = serving.port {
                Output.note("dashboard at http://127.0.0.1:\(port)/")
                return port
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func play(_ run: DemoRun) async throws {
        let summary = try await run.play()
        if json {
            Output.line(try Output.json(summary))
        } else {
            Output.line(summary.text)
        }
        if let export { try await run.export(to: export) }
        if !summary.isComplete {
            throw CommandFailure.result(
                "\(summary.events) events went in, but only \(summary.processed) were processed, "
                    + "\(summary.duplicates) were duplicates and \(summary.deadLetters) are dead letters")
        }
        if linger == 0 && serve == nil { return }
        let time = linger > 0 ? "for \(linger) s" : "until you end it"
        Output.note("the cluster at \(run.client.brokers) stays \(time); end it with Ctrl-C")
        repeat { try await Task.sleep(for: .seconds(linger > 0 ? linger : 3_600)) } while linger == 0
    }

    private func makeSource() throws -> DemoSource {
        guard let input else { return DemoSource(generator: try workload.generator(), events: events) }
        return try DemoSource(file: input, events: events)
    }
}
