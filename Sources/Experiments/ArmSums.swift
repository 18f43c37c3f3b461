/// Sums of one metric over the units of a variant: s is what a unit's outcomes add up to, n how many they are.
///
/// Whole numbers, so that the order of records does not matter. They fit: s stays under 2^54 (2^24 outcomes of
/// 2^30) and so s^2 summed over all outcomes a log can hold (2^40) under 2^124.
struct MetricSums: Sendable, Equatable {
    /// Sum of s.
    private(set) var sum = WideSum()
    /// Sum of s^2.
    private(set) var squares = WideSum()
    /// Sum of s n.
    private(set) var cross = WideSum()

    /// A unit with `count` outcomes that add up to `sum` has one more, of that value.
    @inline(__always)
    mutating func add(_ value: Int64, toSum sum: Int64, count: Int64) {
        self.sum.add(value)
        squares.add(value, times: 2 &* sum &+ value)
        cross.add(sum)
        cross.add(value, times: count &+ 1)
    }

    /// A unit with `count` outcomes that add up to `sum` is new.
    mutating func add(unitSum sum: Int64, count: Int64) {
        self.sum.add(sum)
        squares.add(sum, times: sum)
        cross.add(sum, times: count)
    }
}

/// What a variant's units add up to.
struct ArmSums: Sendable, Equatable {
    /// Units exposed.
    var exposed: Int64 = 0
    /// Those with an outcome.
    private(set) var units: Int64 = 0
    /// Outcomes of exposed units.
    private(set) var outcomes: Int64 = 0
    /// Sum over units of the square of their number of outcomes.
    private(set) var squares = WideSum()
    private(set) var latency = MetricSums()
    private(set) var errors = MetricSums()
    private(set) var remoteReads = MetricSums()

    /// The sums of a metric.
    @inline(__always)
    func sums(of metric: Metric) -> MetricSums {
        switch metric {
        case .latency: latency
        case .errors: errors
        case .remoteReads: remoteReads
        }
    }

    /// An exposed unit, as it was before, has one more outcome.
    @inline(__always)
    mutating func add(latency value: Int64, isError: Bool, isRemote: Bool, to unit: UnitRow) {
        let count = Int64(unit.outcomes)
        if count == 0 { units += 1 }
        outcomes += 1
        squares.add(2 &* count &+ 1)
        latency.add(value, toSum: unit.latency, count: count)
        errors.add(isError ? 1 : 0, toSum: Int64(unit.errors), count: count)
        remoteReads.add(isRemote ? 1 : 0, toSum: Int64(unit.remoteReads), count: count)
    }

    /// A unit, with what waited for its exposure, is exposed.
    mutating func expose(_ unit: UnitRow) {
        exposed += 1
        let count = Int64(unit.outcomes)
        if count == 0 { return }
        units += 1
        outcomes += count
        squares.add(count, times: count)
        latency.add(unitSum: unit.latency, count: count)
        errors.add(unitSum: Int64(unit.errors), count: count)
        remoteReads.add(unitSum: Int64(unit.remoteReads), count: count)
    }

    /// The mean over outcomes, and its variance; nil with fewer than two units.
    ///
    /// Outcomes of one unit are alike, so units are what is counted: the mean is the ratio of their sums, R = sum
    /// of s / sum of n, and by the delta method its variance U / (U - 1) (sum of (s - R n)^2) / (sum of n)^2 (Deng,
    /// Knoblich and Lu, "Applying the delta method in metric analytics", 2018).
    @inline(__always)
    func estimate(_ metric: Metric) -> ArmEstimate? {
        guard units >= 2 else { return nil }
        let sums = sums(of: metric)
        let count = Double(outcomes)
        let mean = sums.sum.value / count
        let deviations = sums.squares.value - mean * (2 * sums.cross.value - mean * squares.value)
        let units = Double(units)
        let least = leastVariance(metric, sum: sums.sum.value) * count * count
        return ArmEstimate(
            mean: mean, deviations: max(deviations, least), units: units, outcomes: count)
    }

    /// No sample is so even that nothing is left open. Of latency that is what rounding to whole microseconds
    /// hides, 1/12 an outcome; of what is 0 or 1 the variance of a share with one more outcome of each kind
    /// (Laplace), without which an error rate would be known exactly as long as nothing failed.
    @inline(__always)
    private func leastVariance(_ metric: Metric, sum: Double) -> Double {
        let count = Double(outcomes)
        if metric == .latency { return 1 / (12 * count) }
        let share = (sum + 1) / (count + 2)
        return share * (1 - share) / count
    }
}
