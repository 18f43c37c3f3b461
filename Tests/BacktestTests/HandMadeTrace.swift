import Foundation

@testable import Backtest
@testable import Evaluation

/// Traces written by hand: a letter is an access of a customer from the region of that name.
enum HandMadeTrace {
    /// Each text is a customer; accesses are an hour apart, the customers' in turn. All regions of `regions` are
    /// classes, whether they occur or not: a first customer visits them once.
    static func make(_ customers: [String], regions: String = "abcd", gapMillis: Int64 = 3_600_000) throws
        -> EvaluationTrace
    {
        var rows = TraceRows()
        func add(_ customer: String, _ region: Character, _ time: Int64) throws {
            try rows.add(
                customer: Array(customer.utf8), time: time, region: String(region), domain: nil, kind: "",
                product: nil, line: 0)
        }
        for (place, region) in regions.enumerated() { try add("guide\(place)", region, 0) }
        let longest = customers.map(\.count).max() ?? 0
        for step in 0..<longest {
            for (number, text) in customers.enumerated() where step < text.count {
                let region = Array(text)[step]
                try add("c\(number)", region, Int64(step + 1) * gapMillis)
            }
        }
        return try EvaluationTrace(
            dataset: "by hand", target: .region, limits: ClassLimits(), rows: rows)
    }

    static func times(_ trace: EvaluationTrace) -> RoundTripTimes {
        RoundTripTimes(regions: trace.classes.count, localMillis: 1, remoteMillis: 100)
    }

    static func run(
        _ trace: EvaluationTrace, _ policy: any PlacementPolicy,
        _ change: (inout BacktestConfiguration) -> Void
    ) -> Outcome {
        var configuration = BacktestConfiguration()
        change(&configuration)
        return Replay(trace, times(trace), configuration).run(policy)
    }

    /// Forecasts that name the customer's next region with that probability.
    static func oracle(_ trace: EvaluationTrace, certainty: Double = 1) -> ForecastTable {
        let count = trace.classes.count
        var table = ForecastTable(events: trace.events.count, partitions: count)
        for (index, event) in trace.events.enumerated() {
            let coming = trace.events[(index + 1)...].first { $0.customer == event.customer }
            var next = [Double](repeating: (1 - certainty) / Double(count - 1), count: count)
            next[Int(coming?.target ?? event.target)] = certainty
            table.add(next: next, share: next)
        }
        return table
    }
}

/// A small generator with a seed; SplitMix64 by Steele, Lea and Flood (2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func text(_ letters: String, count: Int) -> String {
        let letters = Array(letters)
        return String((0..<count).map { _ in letters[Int.random(in: 0..<letters.count, using: &self)] })
    }
}
