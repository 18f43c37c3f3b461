/// One model's scores, prepared so that all metrics can be had quickly for any weights of the customers.
struct ModelMetrics {
    private let sums: [MetricSums]  // per customer
    private let calibration: Calibration
    private let calibrationInSecondHalf: Calibration

    /// Sums the scores per customer and sorts them by confidence. Numbers of customers are under
    /// `customerCount`.
    init(_ events: [ScoredEvent], _ scores: [Score], customerCount: Int) {
        var sums = [MetricSums](repeating: MetricSums(), count: customerCount)
        for (event, score) in zip(events, scores) { sums[Int(event.customer)].add(event, score) }
        self.sums = sums
        calibration = Calibration(events, scores, scope: .all, customerCount: customerCount)
        calibrationInSecondHalf = Calibration(
            events, scores, scope: .secondHalf, customerCount: customerCount)
    }

    /// The metrics with each customer's events as often as its weight says, in the order of `Metric`; nil where
    /// no event is in a metric's scope.
    func values(weights: [Int32]) -> [Double?] {
        var total = MetricSums()
        for customer in sums.indices where weights[customer] != 0 {
            total.add(sums[customer], weight: Double(weights[customer]))
        }
        return Metric.allCases.map { metric in
            switch metric {
            case .ece: calibration.error(weights: weights)
            case .eceSecondHalf: calibrationInSecondHalf.error(weights: weights)
            default: total.value(metric)
            }
        }
    }
}
