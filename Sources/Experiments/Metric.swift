/// What an outcome is judged by; of each the lower is the better.
public enum Metric: String, Sendable, CaseIterable {
    /// How long a request took, in microseconds.
    case latency
    /// Whether it failed, as 0 or 1: the mean is the error rate.
    case errors
    /// Whether it was served outside of the place it came from, as 0 or 1: the mean is the share of remote reads.
    case remoteReads

    /// What its mean is called in a sentence.
    var words: String {
        switch self {
        case .latency: "latency"
        case .errors: "error rate"
        case .remoteReads: "share of remote reads"
        }
    }
}

/// The worst harm to a metric that is put up with.
public enum Tolerance: Sendable, Equatable {
    /// So many thousandths of the control's mean.
    case relative(milli: Int64)
    /// So many thousandths of the metric's unit: nanoseconds of latency, errors per thousand outcomes.
    case absolute(milli: Int64)
}

/// A metric that a variant must not harm, whatever it does to the goal.
public struct GuardMetric: Sendable, Equatable {
    /// The metric.
    public var metric: Metric
    /// The worst harm to it that is put up with.
    public var tolerance: Tolerance

    /// A guard of `metric`.
    public init(_ metric: Metric, _ tolerance: Tolerance) {
        self.metric = metric
        self.tolerance = tolerance
    }
}
