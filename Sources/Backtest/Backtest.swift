public import Evaluation

/// Replays a trace under every policy and compares what came of it.
///
/// Each policy is run with all its candidate numbers. All are then judged in the same way, with the numbers that
/// turned out best: so the simple rules are as good as they can be on this trace.
public struct Backtest {
    /// A run of a policy, or a plan of the clairvoyant.
    public struct Run: Sendable, Encodable {
        /// The policy's numbers; for the clairvoyant the price of a move, in remote reads.
        public let parameters: [String: Double]
        /// How it did.
        public let outcome: Outcome
    }

    private let trace: EvaluationTrace
    private let times: RoundTripTimes
    private let configuration: BacktestConfiguration

    /// A backtest of a trace whose target is the region.
    ///
    /// Throws what `validate` of the configuration does, and `nothingToRead`.
    public init(
        _ trace: EvaluationTrace, _ times: RoundTripTimes, _ configuration: BacktestConfiguration
    ) throws(BacktestFailure) {
        try configuration.validate()
        guard trace.events.count > trace.customers.count else { throw .nothingToRead }
        self.trace = trace
        self.times = times
        self.configuration = configuration
    }

    /// Runs the policies of `kinds`, and always `static` and the clairvoyant; tells `progress` how far it is, 0 to
    /// 1. The forecasts must be of this trace.
    public func report(
        _ kinds: Set<Candidate.Kind>, _ forecasts: ForecastTable, progress: (Double) -> Void = { _ in }
    ) -> BacktestReport {
        let wanted = Candidate.Kind.allCases.filter { kinds.contains($0) || $0 == .stay }
        let candidates = wanted.flatMap {
            Candidate.all(
                $0, customers: trace.customers.count, partitions: trace.classes.count, forecasts: forecasts)
        }
        let replay = Replay(trace, times, configuration)
        var runs: [Candidate.Kind: [Run]] = [:]
        for (number, candidate) in candidates.enumerated() {
            let run = Run(parameters: candidate.parameters, outcome: replay.run(candidate.policy))
            runs[candidate.kind, default: []].append(run)
            progress(Double(number + 1) / Double(candidates.count))
        }
        let best = bestReactive(runs)
        runs[.clairvoyant] = plans()
        var rows: [Candidate.Kind: Run] = [:]
        for kind in wanted where kind != .foreshadow && kind != .clairvoyant {
            rows[kind] = bestOf(runs[kind] ?? [])
        }
        rows[.foreshadow] = bestOf(
            best.map { within($0.outcome.moves, candidates, runs) } ?? runs[.foreshadow] ?? [])
        let moves = (rows[.foreshadow] ?? best)?.outcome.moves ?? 0
        let clairvoyant = Clairvoyant(trace, configuration)
        let bound = clairvoyant.bound(moves: moves)
        rows[.clairvoyant] = Run(
            parameters: price(bound.within.price),
            outcome: clairvoyant.outcome(price: bound.within.price, times, configuration))
        let comparison = rows[.foreshadow].flatMap { subject in
            rows[.stay].map { still in
                BacktestComparison(
                    subject: subject.outcome, still: still.outcome, bestReactive: best?.outcome,
                    clairvoyant: bound.remoteReads,
                    clairvoyantOfPlacesSeen: Clairvoyant(trace, configuration, knows: .placesSeen)
                        .bound(moves: moves).remoteReads,
                    topForecast: missesOfTop(forecasts),
                    reacting: ReactingBound(trace, configuration).remoteReads, firstVisits: firstVisits)
            }
        }
        return BacktestReport(
            dataset: trace.dataset, partitions: trace.classes.count, customers: trace.customers.count,
            configuration: configuration, rows: rows, runs: runs, comparison: comparison)
    }

    /// The engine's policy with all its numbers under a budget of moves: the runs that need no more, and for the
    /// others a run that is held to it.
    private func within(
        _ budget: Int, _ candidates: [Candidate], _ runs: [Candidate.Kind: [Run]]
    ) -> [Run] {
        let replay = Replay(trace, times, configuration)
        return zip(candidates.filter { $0.kind == .foreshadow }, runs[.foreshadow] ?? []).map {
            if $1.outcome.moves <= budget { return $1 }
            return Run(parameters: $0.parameters, outcome: replay.run($0.policy, budget: budget))
        }
    }

    /// Of the reactive policies the one with the fewest remote reads, of equal ones with the fewest moves.
    private func bestReactive(_ runs: [Candidate.Kind: [Run]]) -> Run? {
        bestOf(Candidate.Kind.allCases.filter(\.isReactive).flatMap { runs[$0] ?? [] })
    }

    private func bestOf(_ runs: [Run]) -> Run? {
        runs.min { ($0.outcome.remoteReads, $0.outcome.moves) < ($1.outcome.remoteReads, $1.outcome.moves) }
    }

    /// The clairvoyant's best plans at some prices, for the curve.
    private func plans() -> [Run] {
        let clairvoyant = Clairvoyant(trace, configuration)
        return [0, 0.5, 0.9, 1.1, 1.5, 2.1, 3.1, 5.1, 8.1, 13.1, 34.1].map { (reads: Double) in
            let price = Int64(reads * Double(Clairvoyant.readPrice))
            return Run(
                parameters: self.price(price),
                outcome: clairvoyant.outcome(price: price, times, configuration))
        }
    }

    private func price(_ price: Int64) -> [String: Double] {
        ["price": Double(price) / Double(Clairvoyant.readPrice)]
    }

    /// How many reads would be remote if the copies were always where `next` is highest: any number of moves,
    /// none of which takes time.
    private func missesOfTop(_ forecasts: ForecastTable) -> Int {
        var previous = [Int?](repeating: nil, count: trace.customers.count)
        var misses = 0
        for (index, event) in trace.events.enumerated() {
            if let before = previous[Int(event.customer)] {
                let seen = Int(event.target)
                let value = forecasts.accesses(after: before, in: seen, horizon: 1)
                let rank = (0..<trace.classes.count).count { k in
                    let other = forecasts.accesses(after: before, in: k, horizon: 1)
                    return other > value || (other == value && k < seen)
                }
                if rank >= configuration.copies { misses += 1 }
            }
            previous[Int(event.customer)] = index
        }
        return misses
    }

    /// Reads from partitions where their customers had never been.
    private var firstVisits: Int {
        var seen: Set<Int> = []
        for event in trace.events {
            seen.insert(Int(event.customer) * trace.classes.count + Int(event.target))
        }
        return seen.count - trace.customers.count
    }
}

/// The subject beside static placement, the best reactive policy, and what bounds them all.
public struct BacktestComparison: Sendable {
    /// The engine's policy, at no more moves than the best reactive one.
    public let subject: Outcome
    /// Static placement.
    public let still: Outcome
    /// The reactive policy with the fewest remote reads; nil where none was run.
    public let bestReactive: Outcome?
    /// The fewest remote reads any policy can have with the subject's moves.
    public let clairvoyant: Double
    /// The same for those that cannot foresee a customer's first visit to a partition.
    public let clairvoyantOfPlacesSeen: Double
    /// Remote reads if the copies were always where `next` is highest, moves being free and instant.
    public let topForecast: Int
    /// The fewest remote reads of any policy that makes copies only where a read just came from.
    public let reacting: Int
    /// Reads from partitions where their customers had never been.
    public let firstVisits: Int

    /// By what part the subject has fewer remote reads than static placement.
    public var belowStatic: Double { Self.below(subject, still) }
    /// By what part it has fewer than the best reactive policy.
    public var belowReactive: Double? { bestReactive.map { Self.below(subject, $0) } }
    /// By what part it has more than the clairvoyant bound; nil where that is none at all.
    public var aboveClairvoyant: Double? {
        clairvoyant > 0 ? Double(subject.remoteReads) / clairvoyant - 1 : nil
    }

    private static func below(_ a: Outcome, _ b: Outcome) -> Double {
        b.remoteReads == 0 ? 0 : 1 - Double(a.remoteReads) / Double(b.remoteReads)
    }
}
