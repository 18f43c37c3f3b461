import ArgumentParser
import Contracts
import Foundation
import Kafka
import Logging
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
    @Flag(help: "Print the summary as one JSON object.") var json = false
    @Flag(inversion: .prefixedNo, help: "Draw live progress, where there is a terminal.") var interactive =
        true
    @Flag(name: .shortAndLong, help: "Log more.") var verbose = false

    func validate() throws {
        if let events, events < 1 { throw ValidationError("--events must be at least 1") }
        if linger < 0 { throw ValidationError("--linger must not be negative") }
    }

    func run() async throws {
        CommandLog.level = verbose ? .info : .error
        let source = try makeSource()
        let run = try await DemoRun(source: source, command: self)
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
        if linger > 0 {
            Output.note("the cluster at \(run.client.brokers) stays for \(linger) s; end it with Ctrl-C")
            try await Task.sleep(for: .seconds(linger))
        }
    }

    private func makeSource() throws -> DemoSource {
        guard let input else { return DemoSource(generator: try workload.generator(), events: events) }
        return try DemoSource(file: input, events: events)
    }
}
