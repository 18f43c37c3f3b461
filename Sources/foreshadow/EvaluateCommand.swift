import Affinity
import ArgumentParser
import Evaluation
import Foundation
import Training

struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Score predictions of the next access on a trace, beside simple rules.",
        discussion: """
            Goes through a trace in the order of time: each event of a customer that is known is predicted, \
            then scored, then learned from. The affinity engine is compared with rules such as the last \
            region, decayed counts and transitions, and with a mixture of them. Its network is trained on the \
            first half and takes part in the second, unless --model names one. The trace needs the columns \
            customer, ts and region (JSON Lines: customer, time and region); rows whose kind ends in + are \
            left out.

              foreshadow evaluate --input F.csv.gz
              foreshadow evaluate --input F.csv.gz --target pair --max-pairs 50
              foreshadow evaluate --input F.csv.gz --min-gap-hours 8
              foreshadow evaluate --input F.csv.gz --experts
              foreshadow evaluate --input F.csv.gz --plots plots
              foreshadow evaluate --input F.csv.gz --model M.safetensors --model-from 0.5
              foreshadow evaluate --input F.csv.gz --json | jq .models.foreshadow

            A trace of your own: customer,ts,region,domain,kind in the first line, ts in epoch milliseconds \
            or RFC 3339, sorted by it. docs/evaluation.md says what the figures mean.
            """)

    enum Target: String, ExpressibleByArgument, CaseIterable {
        case region, domain, pair

        var evaluated: EvaluationTarget {
            switch self {
            case .region: .region
            case .domain: .domain
            case .pair: .pair
            }
        }
    }

    @Option(help: "The trace: CSV or JSON Lines, gzip or not, sorted by time; - for standard input.")
    var input: String
    @Option(help: "What of the customer's next event to predict.") var target = Target.region
    @Flag(
        help:
            "Tell predictors the time of the event to predict, as a look-up service knows it; the rules make no use of it."
    )
    var knownTime = false
    @Option(help: "Score only events at least this long after the customer's previous one.")
    var minGapHours = 0.0
    @Option(help: "A model to use from the first event on, instead of one trained on the first half.")
    var model: String?
    @Option(help: "With --model: it takes part after this part of the events, and was told of those before.")
    var modelFrom = 0.0
    @Flag(help: "Leave the network out.") var noNetwork = false
    @Flag(help: "Score each of the engine's experts too, and compare with the best of them and of the rules.")
    var experts = false
    @Flag(help: "One JSON object instead of tables.") var json = false
    @Option(
        help: ArgumentHelp("Draw reliability.svg and learning-curve.svg in this folder.", valueName: "dir"))
    var plots: String?
    @Option(help: "The most regions told apart; rarer ones are 'other'.") var maxRegions = 24
    @Option(help: "The most domains told apart.") var maxDomains = 12
    @Option(help: "The most pairs told apart.") var maxPairs = 100
    @Option(help: "How often customers are drawn anew for the intervals; 0 for none.") var resamples = 200
    @Option(help: "Another seed draws other customers.") var seed: UInt64 = 1

    func validate() throws {
        for (name, limit) in [
            ("--max-regions", maxRegions), ("--max-domains", maxDomains), ("--max-pairs", maxPairs),
        ] where !(2...65_535).contains(limit) { throw ValidationError("\(name) must be 2 to 65535") }
        if !(0...100_000).contains(resamples) { throw ValidationError("--resamples must be 0 to 100000") }
        if !(0...100_000).contains(minGapHours) {
            throw ValidationError("--min-gap-hours must be 0 to 100000")
        }
        if !(0...1).contains(modelFrom) { throw ValidationError("--model-from must be 0 to 1") }
        if modelFrom > 0, model == nil { throw ValidationError("--model-from needs --model") }
    }

    func run() async throws {
        if let plots { try EvaluationPlots.prepare(plots) }
        let trace = try read()
        let scores = try score(trace)
        let report = EvaluationReport(
            trace, scores, subject: AffinityPredictor.name, rivals: rivals(scores), bootstrap: bootstrap,
            progress: { Output.progress("\(Output.bar($0)) intervals") })
        Output.endProgress()
        if let plots { try EvaluationPlots(report, scores).write(to: plots) }
        Output.line(json ? try Output.json(report) : "\(report)")
        if json, resamples > 0 {
            Output.note("intervals: \(resamples) resamples of the customers, seed \(seed)")
        }
    }

    private func read() throws -> EvaluationTrace {
        var limits = ClassLimits()
        limits.regions = maxRegions
        limits.domains = maxDomains
        limits.pairs = maxPairs
        let trace = try EvaluationTrace(
            path: input, target: target.evaluated, limits: limits,
            progress: { Output.progress("\(Output.bar($0)) reading") })
        Output.endProgress()
        if trace.unreadable > 0 {
            Output.note("\(trace.unreadable) lines without customer, time or region were left out")
        }
        return trace
    }

    private func score(_ trace: EvaluationTrace) throws -> PrequentialScores {
        var prequential = Prequential()
        prequential.minGapMillis = Int64(minGapHours * 3_600_000)
        prequential.isTimeKnown = knownTime
        var configuration = AffinityConfiguration()
        configuration.isTimeKnown = knownTime
        let deployment = try deployment(trace)
        prequential.shareDiscount = deployment?.model.shareDiscount ?? TrainingConfiguration().shareDiscount
        let progress = Output.isTerminal ? ReplayProgress("events", total: Int64(trace.events.count)) : nil
        let scores = try prequential.run(
            trace,
            [
                Baselines(trace),
                AffinityPredictor(trace, configuration: configuration, deployment, withExperts: experts),
            ],
            progress: { progress?.reach(Int64($0), note: "scoring") })
        Output.endProgress()
        return scores
    }

    /// The network that takes part: none, the given one, or one that is trained on the first half
    /// and takes part in the second.
    private func deployment(_ trace: EvaluationTrace) throws -> AffinityPredictor.Deployment? {
        if noNetwork { return nil }
        if let model {
            return try .given(try ModelFile.read(model), on: trace, after: modelFrom)
        }
        return try .trained(on: trace, seed: seed)
    }

    /// All rules, and the experts that were scored. Not their mixture: that is no single one.
    private func rivals(_ scores: PrequentialScores) -> [String] {
        let mixture = AffinityPredictor.names(of: [.mixture])
        return scores.models.map(\.name).filter { $0 != AffinityPredictor.name && !mixture.contains($0) }
    }

    private var bootstrap: CustomerBootstrap {
        var bootstrap = CustomerBootstrap()
        bootstrap.resamples = resamples
        bootstrap.seed = seed
        return bootstrap
    }
}
