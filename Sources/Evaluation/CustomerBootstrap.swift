import Workload

/// Says how far metrics would differ with other customers of the same kind.
///
/// Customers, not events, are drawn with replacement, because events of one customer depend on each other.
/// All models are judged on the same draws.
///
/// Source: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993): the percentile interval.
public struct CustomerBootstrap: Sendable, Equatable {
    /// How often customers are drawn; 0 for no intervals.
    public var resamples = 200
    /// Another seed gives other draws.
    public var seed: UInt64 = 1

    /// The part of draws between an interval's ends.
    public static let coverage = 0.95

    /// The defaults.
    public init() {}

    /// How often each customer is drawn in that resample: as many draws as there are candidates, each of which
    /// is a number under `customerCount`.
    func weights(resample: Int, candidates: [Int32], customerCount: Int) -> [Int32] {
        var random = SeededRandom(seed: seed, stream: UInt64(resample))
        var weights = [Int32](repeating: 0, count: customerCount)
        for _ in candidates { weights[Int(candidates[Int(random.below(Int64(candidates.count)))])] += 1 }
        return weights
    }

    /// The interval that leaves out equally many draws on either side; nil where there are none.
    static func interval(_ draws: [Double]) -> ClosedRange<Double>? {
        if draws.isEmpty { return nil }
        let sorted = draws.sorted()
        let tail = (1 - coverage) / 2
        return quantile(sorted, tail)...quantile(sorted, 1 - tail)
    }

    /// Between two neighbours it is interpolated linearly.
    private static func quantile(_ sorted: [Double], _ part: Double) -> Double {
        let at = part * Double(sorted.count - 1)
        let low = Int(at)
        let high = min(low + 1, sorted.count - 1)
        return sorted[low] + (at - Double(low)) * (sorted[high] - sorted[low])
    }
}
