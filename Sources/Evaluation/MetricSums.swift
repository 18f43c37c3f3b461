/// Sums over scored events per scope, from which all metrics but the calibration error follow.
struct MetricSums: Sendable {
    /// Per scope: how many events, hits, log loss, Brier score.
    private var sums = InlineArray<5, SIMD4<Double>>(repeating: .zero)

    /// Adds an event to the scopes it is in.
    mutating func add(_ event: ScoredEvent, _ score: Score) {
        let parts = SIMD4(1, score.isHit ? 1 : 0, Double(score.logLoss), Double(score.brier))
        for scope in Scope.allCases where event.isIn(scope) { sums[scope.rawValue] += parts }
    }

    /// Adds another's sums, `weight` times.
    mutating func add(_ other: borrowing MetricSums, weight: Double) {
        for i in sums.indices { sums[i] += weight * other.sums[i] }
    }

    /// The metric; nil where no event is in its scope, and of calibration errors, which are no sum.
    func value(_ metric: Metric) -> Double? {
        let sum = sums[metric.scope.rawValue]
        guard sum[0] > 0 else { return nil }
        return switch metric.measure {
        case .accuracy: sum[1] / sum[0]
        case .logLoss: sum[2] / sum[0]
        case .brier: sum[3] / sum[0]
        case .ece: nil
        }
    }
}
