import Affinity
import ArgumentParser
import Contracts
import Evaluation
import Foundation
import Kafka

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say why a customer's affinity vector is what it is.",
        discussion: """
            Shows which experts spoke, what each of them finds likely, how much each of them counts, and what the \
            pool and the calibration make of it. By default from the topics: the updater's newest snapshot and \
            all interactions since, without touching the running pipeline. With --input from a trace, as \
            'foreshadow evaluate' reads it.

              foreshadow explain c-4711 --config foreshadow.yaml
              foreshadow explain c-4711 --config foreshadow.yaml --json | jq .experts
              foreshadow explain c-4711 --input trace.csv.gz --until 2026-01-05T12:00:00Z

            docs/affinity.md says what the figures mean. Exit code 2: the customer is not known.
            """)

    @OptionGroup var cluster: ClusterOptions
    @Argument(help: "The customer.") var customer: String
    @Option(help: "A trace instead of the topics: CSV or JSON Lines, gzip or not; - for standard input.")
    var input: String?
    @Option(help: "With --input: only events before then, RFC 3339 or epoch milliseconds.")
    var until: ReplayMoment?
    @Option(help: "With --input: what the partitions are.") var target = EvaluateCommand.Target.region
    @Option(help: "With --input: a model whose network takes part.") var model: String?
    @Flag(help: "One JSON object instead of tables.") var json = false

    func validate() throws {
        if !(1...256).contains(customer.utf8.count) {
            throw ValidationError("a customer is 1 to 256 bytes; this one has \(customer.utf8.count)")
        }
        if input != nil { return }
        if until != nil {
            throw ValidationError("--until needs --input: the topics are explained as they are")
        }
        if model != nil { throw ValidationError("--model needs --input") }
    }

    func run() async throws {
        let report = try await report()
        Output.endProgress()
        Output.line(json ? try Output.json(report) : report.text)
    }

    private func report() async throws -> ExplanationReport {
        if let input {
            return try ExplainTrace(path: input, target: target.evaluated, until: until, model: model)
                .explain(customer)
        }
        let settings = try await cluster.settings()
        _ = try await cluster.client()
        let topics = ExplainTopics(settings: settings, partitions: try settings.partitionMap())
        let customer = customer
        return try await DedicatedThread.run(named: "explain") { try topics.explain(customer) }
    }
}
