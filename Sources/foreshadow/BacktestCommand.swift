import Affinity
import ArgumentParser
import Backtest
import Evaluation
import Foundation

struct BacktestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backtest",
        abstract: "Replay a trace under several placement policies, and compare what each would have cost.",
        discussion: """
            Every customer's data starts where its first access came from. Policies decide after each access \
            whether to make a copy elsewhere; all obey the same rules. The affinity engine's policy is compared \
            with rules that follow the demand, at no more moves than the best of those, and with what a planner \
            that knows the whole trace could have reached. The regions of the trace are the partitions.

              foreshadow backtest --input F.csv.gz
              foreshadow backtest --input F.csv.gz --copies 1
              foreshadow backtest --input F.csv.gz --rtt data/rtt-ibm-cloud.csv --plots plots
              foreshadow backtest --input F.csv.gz --policy last --policy foreshadow --json | jq .comparison

            docs/backtest.md says what is simulated and what the figures mean.
            """)

    @Option(help: "The trace: CSV or JSON Lines, gzip or not, sorted by time; - for standard input.")
    var input: String
    @Option(
        help: ArgumentHelp(
            """
            A policy to run; may be given more than once. static, last, follow-the-workload, access-counter, \
            foreshadow or clairvoyant; all without it. static and clairvoyant are always there.
            """, valueName: "name"),
        transform: {
            guard let kind = Candidate.Kind(rawValue: $0) else {
                let names = Candidate.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--policy must be one of \(names)")
            }
            return kind
        })
    var policy: [Candidate.Kind] = []
    @Option(help: "In how many partitions a customer's data may be: 1, or 2 with a shadow.") var copies = 2
    @Option(help: "How long it takes to populate a copy, in minutes.") var leadMinutes = 10.0
    @Option(help: "The most moves per 1,000 reads, for every policy; without it as many as each likes.")
    var budget: Double?
    @Option(help: "The most copies in one partition; without it all find room.") var capacity: Int?
    @Option(help: "What a move sends, in bytes.") var customerBytes: Int64 = 1 << 20
    @Option(help: "What a remote read sends, in bytes.") var readBytes: Int64 = 16 << 10
    @Option(
        help: ArgumentHelp("Round-trip times between regions: from,to,milliseconds.", valueName: "file"))
    var rtt: String?
    @Option(help: "Round-trip time within a region, in milliseconds.") var localMillis = 1.0
    @Option(help: "Round-trip time to any other region where there is no --rtt, in milliseconds.")
    var remoteMillis = 100.0
    @Option(help: "A model to use from the first event on, instead of one trained on the first half.")
    var model: String?
    @Flag(help: "Leave the network out.") var noNetwork = false
    @Flag(help: "One JSON object instead of a table.") var json = false
    @Option(help: ArgumentHelp("Draw moves.svg and latency.svg in this folder.", valueName: "dir"))
    var plots: String?
    @Option(help: "The most regions told apart; rarer ones are 'other'.") var maxRegions = 24
    @Option(help: "Another seed trains another network.") var seed: UInt64 = 1

    func validate() throws {
        if !(2...65_535).contains(maxRegions) { throw ValidationError("--max-regions must be 2 to 65535") }
        if !(0...60_000).contains(localMillis) || !(0...60_000).contains(remoteMillis) {
            throw ValidationError("round-trip times must be 0 to 60000 milliseconds")
        }
        if !(0...44_640).contains(leadMinutes) { throw ValidationError("--lead-minutes must be 0 to 44640") }
        if !(0...1_000).contains(budget ?? 0) { throw ValidationError("--budget must be 0 to 1000") }
        do {
            try rules.validate()
        } catch { throw ValidationError("\(error)") }
    }

    private var rules: BacktestConfiguration {
        var rules = BacktestConfiguration()
        rules.copies = copies
        rules.leadMillis = Int64(leadMinutes * 60_000)
        rules.movesPerMillionReads = budget.map { Int64($0 * 1_000) }
        rules.capacity = capacity
        rules.customerBytes = customerBytes
        rules.readBytes = readBytes
        return rules
    }

    func run() async throws {
        if let plots { try EvaluationPlots.prepare(plots) }
        var limits = ClassLimits()
        limits.regions = maxRegions
        let trace = try EvaluationTrace(
            path: input, target: .region, limits: limits,
            progress: { Output.progress("\(Output.bar($0)) reading") })
        Output.endProgress()
        if trace.unreadable > 0 {
            Output.note("\(trace.unreadable) lines without customer, time or region were left out")
        }
        let backtest = try Backtest(trace, try times(trace), rules)
        let report = backtest.report(
            policy.isEmpty ? Set(Candidate.Kind.allCases) : Set(policy), try forecasts(trace),
            progress: { Output.progress("\(Output.bar($0)) replaying") })
        Output.endProgress()
        if let plots {
            try EvaluationPlots.write(
                [("moves.svg", report.chart()), ("latency.svg", report.latencyChart())], to: plots)
        }
        Output.line(json ? try Output.json(report) : "\(report)")
    }

    private func times(_ trace: EvaluationTrace) throws -> RoundTripTimes {
        guard let rtt else {
            return RoundTripTimes(
                regions: trace.classes.count, localMillis: localMillis, remoteMillis: remoteMillis)
        }
        guard let text = try? String(contentsOfFile: rtt, encoding: .utf8) else {
            throw CommandFailure.input("cannot read '\(rtt)' as text")
        }
        return try RoundTripTimes(text, names: trace.classes, localMillis: localMillis)
    }

    /// What the affinity engine forecasts after each event, from that and the earlier ones.
    private func forecasts(_ trace: EvaluationTrace) throws -> ForecastTable {
        let wanted = policy.isEmpty || policy.contains(.foreshadow)
        guard wanted else { return ForecastTable(events: 0, partitions: trace.classes.count) }
        var engine = AffinityPredictor(
            trace, configuration: AffinityConfiguration(), try deployment(trace))
        var table = ForecastTable(events: trace.events.count, partitions: trace.classes.count)
        for (index, event) in trace.events.enumerated() {
            engine.learn(event)
            guard let forecast = engine.forecast(customer: Int(event.customer)) else {
                preconditionFailure("the engine knows whom it has learned of")
            }
            table.add(next: forecast.next, share: forecast.share)
            if index % 1_000 == 0 {
                let part = Double(index) / Double(trace.events.count)
                Output.progress("\(Output.bar(part)) forecasting")
            }
        }
        Output.endProgress()
        return table
    }

    private func deployment(_ trace: EvaluationTrace) throws -> AffinityPredictor.Deployment? {
        if noNetwork { return nil }
        guard let model else { return try .trained(on: trace, seed: seed) }
        let file = try ModelFile.read(model)
        try AffinityEngine.check(file, partitions: trace.classes)
        return .init(model: file, start: 0, states: [:])
    }
}
