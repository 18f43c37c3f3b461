import Contracts
import Glibc

/// Prequential evaluation: each event is first predicted, then scored, and only then learned from.
///
/// So every prediction is made from the past alone, and all of the trace serves as test and as training. The
/// first event of a customer is learned from and not scored.
///
/// Source: Dawid, "Statistical Theory: The Prequential Approach" (1984).
public struct Prequential: Sendable {
    /// Score only events at least this long after the same customer's previous one, in milliseconds; 0 scores
    /// all. What is not scored is learned from.
    public var minGapMillis: Int64 = 0
    /// Whether predictors are told the time of the event to predict, as a look-up service would be.
    public var isTimeKnown = false
    /// How much less each further event ahead counts in the share, over 0 and under 1; nil: forecasts of the
    /// share are not scored.
    public var shareDiscount: Double?

    /// Scores everything, with no predictor told the time.
    public init() {}

    /// Runs the predictors over the trace; tells `progress`, if any, how many events are done now and then.
    ///
    /// Throws `nothingToScore`, and `notADistribution` as soon as a predictor gives none.
    public func run(
        _ trace: EvaluationTrace, _ predictors: [any Predictor], progress: ((Int) -> Void)? = nil
    ) throws(EvaluationFailure) -> PrequentialScores {
        var contest = Contest(predictors, trace, shareDiscount: shareDiscount)
        var customers = [CustomerSoFar](repeating: CustomerSoFar(), count: trace.customers.count)
        for (index, event) in trace.events.enumerated() {
            let customer = customers[Int(event.customer)]
            customers[Int(event.customer)].add(event)
            if customer.events > 0, event.time - customer.lastTime >= minGapMillis {
                contest.scores.events.append(
                    ScoredEvent(
                        index: Int32(index), customer: event.customer,
                        isChange: event.target != customer.last, isInSecondHalf: index >= trace.middle,
                        isCold: customer.events < Metric.coldEvents))
                let query = PredictionQuery(
                    customer: Int(event.customer), time: isTimeKnown ? event.time : nil, index: index)
                try contest.score(query, seen: Int(event.target))
                try contest.scoreShares(index, isInSecondHalf: index >= trace.middle)
            }
            contest.learn(event)
            if let progress, index % 1_000 == 999 { progress(index + 1) }
        }
        if contest.scores.events.isEmpty { throw .nothingToScore }
        return contest.scores
    }

    /// What scoring must know of a customer.
    private struct CustomerSoFar {
        var events = 0
        var last: Int32 = -1
        var lastTime: EventTime = 0

        mutating func add(_ event: EvaluationTrace.Event) {
            events += 1
            last = event.target
            lastTime = event.time
        }
    }
}

/// Predictors and what they have scored so far.
private struct Contest {
    private struct Entrant {
        var predictor: any Predictor
        let names: [String]
        let shareNames: [String]
        var rows: [Double]  // name x class
        var shareRows: [Double]  // share name x class

        mutating func predict(_ query: PredictionQuery) {
            Self.ask(&predictor, query, &rows, &shareRows)
        }

        private static func ask(
            _ predictor: inout some Predictor, _ query: PredictionQuery, _ rows: inout [Double],
            _ shareRows: inout [Double]
        ) {
            var span = rows.mutableSpan
            predictor.predict(query, into: &span)
            if shareRows.isEmpty { return }
            var shareSpan = shareRows.mutableSpan
            predictor.predictShare(query, into: &shareSpan)
        }
    }

    private var entrants: [Entrant]
    private let classes: Int
    private var realised: RealisedShares?
    var scores: PrequentialScores

    /// How far from 1 a distribution's sum may be, for rounding.
    private static let sumTolerance = 1e-3

    init(_ predictors: [any Predictor], _ trace: EvaluationTrace, shareDiscount: Double?) {
        classes = trace.classes.count
        entrants = predictors.map { [classes] predictor in
            let names = predictor.names
            let shareNames = shareDiscount == nil ? [] : predictor.shareNames
            return Entrant(
                predictor: predictor, names: names, shareNames: shareNames,
                rows: Array(repeating: 0, count: names.count * classes),
                shareRows: Array(repeating: 0, count: shareNames.count * classes))
        }
        let names = entrants.flatMap(\.names)
        precondition(Set(names).count == names.count, "two models have the same name")
        scores = PrequentialScores(
            models: names.map { ModelScores(name: $0) }, traceEvents: trace.events.count)
        scores.shares = entrants.flatMap(\.shareNames).map { ShareScores(name: $0) }
        if scores.shares.isEmpty { return }
        scores.shareDiscount = shareDiscount
        realised = shareDiscount.map { RealisedShares(trace, discount: $0) }
    }

    /// Lets every predictor predict and scores it by the class that came.
    mutating func score(_ query: PredictionQuery, seen: Int) throws(EvaluationFailure) {
        var model = 0
        for place in entrants.indices {
            entrants[place].predict(query)
            for row in entrants[place].names.indices {
                let (score, sum) = Score.of(
                    entrants[place].rows[row * classes..<(row + 1) * classes], seen: seen)
                guard abs(sum - 1) <= Self.sumTolerance else {
                    throw .notADistribution(model: scores.models[model].name, event: query.index, sum: sum)
                }
                scores.models[model].scores.append(score)
                model += 1
            }
        }
    }

    /// Scores the forecasts of the share that came with the last predictions, those of event `index`.
    mutating func scoreShares(_ index: Int, isInSecondHalf: Bool) throws(EvaluationFailure) {
        if scores.shares.isEmpty { return }
        var coming: [(class: Int, share: Double)] = []
        realised?.forEach(from: index) { coming.append(($0, $1)) }
        let known = coming.reduce(0) { $0 + $1.share }
        var model = 0
        for entrant in entrants {
            for row in entrant.shareNames.indices {
                let shares = entrant.shareRows[row * classes..<(row + 1) * classes]
                let sum = shares.contains { $0 < 0 } ? .nan : shares.reduce(0, +)
                guard abs(sum - 1) <= Self.sumTolerance else {
                    throw .notADistribution(
                        model: "share of \(scores.shares[model].name)", event: index, sum: sum)
                }
                let loss = coming.reduce(0) { total, part in
                    total - part.share
                        * log(max(shares[shares.startIndex + part.class], Metric.probabilityFloor))
                }
                scores.shares[model].add(loss: loss, known: known, isInSecondHalf: isInSecondHalf)
                model += 1
            }
        }
    }

    mutating func learn(_ event: EvaluationTrace.Event) {
        for place in entrants.indices { entrants[place].predictor.learn(event) }
    }
}

extension Score {
    /// What a distribution is worth when the class `seen` came, and its sum; the sum is not a number where the
    /// distribution has a negative entry.
    static func of(_ probabilities: ArraySlice<Double>, seen: Int) -> (score: Score, sum: Double) {
        let start = probabilities.startIndex
        var top = start
        var sum = 0.0
        var squares = 0.0
        var least = 0.0
        for k in probabilities.indices {
            let p = probabilities[k]
            sum += p
            squares += p * p
            if p < least { least = p }
            if p > probabilities[top] { top = k }
        }
        let p = probabilities[start + seen]
        let score = Score(
            logLoss: Float(-log(max(p, Metric.probabilityFloor))), brier: Float(squares - 2 * p + 1),
            confidence: Float(probabilities[top]), isHit: top == start + seen)
        return (score, least < 0 ? .nan : sum)
    }
}
