import Evaluation

/// What a backtest found, ready to be shown.
public struct BacktestReport: Sendable {
    /// The name of the trace.
    public let dataset: String
    /// How many partitions, which are the trace's regions.
    public let partitions: Int
    /// How many customers.
    public let customers: Int
    /// The rules.
    public let configuration: BacktestConfiguration
    /// One run of each policy: of the reactive ones the one with the fewest remote reads, of the engine's the
    /// same at no more moves than the best of those, of the clairvoyant at no more moves than the engine's.
    public let rows: [Candidate.Kind: Backtest.Run]
    /// All runs.
    public let runs: [Candidate.Kind: [Backtest.Run]]
    /// How the engine's policy stands to the others; nil where it was not run.
    public let comparison: BacktestComparison?

    /// The curve of a policy: of its runs those to which no other is better in both moves and remote reads, as
    /// moves per thousand reads and percent of remote reads.
    func curve(_ kind: Candidate.Kind) -> [(moves: Double, remote: Double)] {
        let sorted = (runs[kind] ?? []).map(\.outcome).sorted {
            ($0.moves, $0.remoteReads) < ($1.moves, $1.remoteReads)
        }
        var curve: [(moves: Double, remote: Double)] = []
        var least = Int.max
        for outcome in sorted where outcome.remoteReads < least {
            least = outcome.remoteReads
            curve.append((outcome.moveRate * 1_000, outcome.remoteShare * 100))
        }
        return curve
    }

    /// Remote share over moves, a line a policy, as a drawing.
    public func chart() -> String {
        let lines = Candidate.Kind.allCases.compactMap { kind -> TradeOffChart.Line? in
            let points = curve(kind)
            if points.isEmpty { return nil }
            let role: TradeOffChart.Role =
                kind == .foreshadow ? .subject : kind == .clairvoyant ? .bound : .other
            return TradeOffChart.Line(
                name: kind.rawValue, role: role, points: points.map { ($0.moves, $0.remote) })
        }
        return TradeOffChart(
            title:
                "Remote reads and moves: \(dataset), \(configuration.copies == 1 ? "one copy" : "up to two copies")",
            xLabel: "moves per 1,000 reads", yLabel: "remote reads, % (lower is better)", lines: lines
        ).drawing
    }

    /// Latencies of the reported runs as bars: mean, p75 and p99, as a drawing.
    public func latencyChart() -> String {
        let groups = Candidate.Kind.allCases.compactMap { kind in
            rows[kind].map {
                BarChart.Group(
                    name: kind.rawValue,
                    values: [
                        $0.outcome.latencyMeanMillis, $0.outcome.latencyP75Millis,
                        $0.outcome.latencyP99Millis,
                    ])
            }
        }
        return BarChart(
            title: "Simulated latency: \(dataset)", yLabel: "milliseconds", series: ["mean", "p75", "p99"],
            groups: groups
        ).drawing
    }
}

/// For programs: see docs/backtest.md.
extension BacktestReport: Encodable {
    private enum Key: String, CodingKey {
        case dataset, partitions, customers, rules, policies, curves, comparison
    }
    private enum RuleKey: String, CodingKey {
        case copies, leadMillis, customerBytes, readBytes, movesPerMillionReads, capacity
    }
    private enum ComparisonKey: String, CodingKey {
        case belowStatic, belowReactive, aboveClairvoyant, bestReactiveRemoteReads, bestReactiveMoves
        case clairvoyantRemoteReads, clairvoyantOfPlacesSeenRemoteReads, topForecastRemoteReads,
            reactingRemoteReads
        case firstVisits
    }
    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    /// Writes the report as one object.
    public func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(dataset, forKey: .dataset)
        try object.encode(partitions, forKey: .partitions)
        try object.encode(customers, forKey: .customers)
        var rules = object.nestedContainer(keyedBy: RuleKey.self, forKey: .rules)
        try rules.encode(configuration.copies, forKey: .copies)
        try rules.encode(configuration.leadMillis, forKey: .leadMillis)
        try rules.encode(configuration.customerBytes, forKey: .customerBytes)
        try rules.encode(configuration.readBytes, forKey: .readBytes)
        try rules.encodeIfPresent(configuration.movesPerMillionReads, forKey: .movesPerMillionReads)
        try rules.encodeIfPresent(configuration.capacity, forKey: .capacity)
        var policies = object.nestedContainer(keyedBy: Name.self, forKey: .policies)
        for (kind, run) in rows { try policies.encode(run, forKey: Name(kind.rawValue)) }
        var curves = object.nestedContainer(keyedBy: Name.self, forKey: .curves)
        for (kind, runs) in runs { try curves.encode(runs, forKey: Name(kind.rawValue)) }
        guard let comparison else { return }
        var part = object.nestedContainer(keyedBy: ComparisonKey.self, forKey: .comparison)
        try part.encode(comparison.belowStatic, forKey: .belowStatic)
        try part.encodeIfPresent(comparison.belowReactive, forKey: .belowReactive)
        try part.encodeIfPresent(comparison.aboveClairvoyant, forKey: .aboveClairvoyant)
        try part.encodeIfPresent(comparison.bestReactive?.remoteReads, forKey: .bestReactiveRemoteReads)
        try part.encodeIfPresent(comparison.bestReactive?.moves, forKey: .bestReactiveMoves)
        try part.encode(comparison.clairvoyant, forKey: .clairvoyantRemoteReads)
        try part.encode(comparison.clairvoyantOfPlacesSeen, forKey: .clairvoyantOfPlacesSeenRemoteReads)
        try part.encode(comparison.topForecast, forKey: .topForecastRemoteReads)
        try part.encode(comparison.reacting, forKey: .reactingRemoteReads)
        try part.encode(comparison.firstVisits, forKey: .firstVisits)
    }
}
