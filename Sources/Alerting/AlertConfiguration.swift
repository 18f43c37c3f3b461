/// For how many windows in a row a thing must be so before it counts, so that alerts do not flap.
public struct AlertHold: Sendable, Equatable {
    /// Windows over the limit until the alert fires.
    public var fireWindows: Int
    /// Windows not over the limit until it is resolved.
    public var resolveWindows: Int

    /// Makes it from its parts.
    public init(fireWindows: Int, resolveWindows: Int) {
        self.fireWindows = fireWindows
        self.resolveWindows = resolveWindows
    }
}

/// When a value is an anomaly: further from the median that was forecast for it than `spreadMilli` times the distance
/// from there to the calibrated 0.9 quantile, and than the floor.
public struct AnomalyLimits: Sendable, Equatable {
    /// In thousandths. 4,000 unless told: some five standard deviations of a normal distribution.
    public var spreadMilli: Int64 = 4_000
    /// Windows a series is learned before it is judged. 168 unless told: a week of hours.
    public var warmUpWindows = 168
    /// Windows of an anomaly that are not learned from; then it is the new normal. 24 unless told.
    public var learnWindows = 24
    /// Requests a window needs for its latency and its error rate to say anything. 100 unless told.
    public var minimumRequests: Int64 = 100
    /// Distance of a load that matters, in requests a window. 100 unless told.
    public var loadFloor: Int64 = 100
    /// Distance of a p99 that matters, in microseconds. 5,000 unless told.
    public var latencyFloorMicros: Int64 = 5_000
    /// Distance of an error rate that matters, in failed requests per million. 1,000 unless told.
    public var errorFloorPerMillion: Int64 = 1_000
    /// 3 windows to fire and to resolve unless told.
    public var hold = AlertHold(fireWindows: 3, resolveWindows: 3)

    /// The defaults.
    public init() {}
}

/// A burn rate that must not be exceeded over a long window, and over a short one, which ends the alert soon after
/// the burning has ended.
public struct BurnLimit: Sendable, Equatable {
    /// In milliseconds; a part of a window of event time counts as a whole one.
    public var longMillis: Int64
    /// In milliseconds, at most `longMillis`.
    public var shortMillis: Int64
    /// How many times as fast as it lasts the budget may be spent, in thousandths.
    public var rateMilli: Int64

    /// Makes it from its parts.
    public init(longMillis: Int64, shortMillis: Int64, rateMilli: Int64) {
        self.longMillis = longMillis
        self.shortMillis = shortMillis
        self.rateMilli = rateMilli
    }
}

/// The error budget of a partition. Source of the defaults: Google, "The Site Reliability Workbook" (2018), chapter 5,
/// "Alerting on SLOs", table 5-8: 2 % of a month's budget in an hour, 5 % in six hours, 10 % in three days.
public struct ErrorBudget: Sendable, Equatable {
    /// Failed requests per million that are allowed. 1,000 unless told: an objective of 99.9 %.
    public var perMillion: Int64 = 1_000
    /// Failed requests in the long window under which nothing fires. 10 unless told.
    public var minimumErrors: Int64 = 10
    /// Any of these exceeded is critical.
    public var fast = [
        BurnLimit(longMillis: 3_600_000, shortMillis: 300_000, rateMilli: 14_400),
        BurnLimit(longMillis: 21_600_000, shortMillis: 1_800_000, rateMilli: 6_000),
    ]
    /// Any of these exceeded is a warning.
    public var slow = [BurnLimit(longMillis: 259_200_000, shortMillis: 21_600_000, rateMilli: 1_000)]
    /// 1 window to fire, for the limits have their own, and 3 to resolve unless told.
    public var hold = AlertHold(fireWindows: 1, resolveWindows: 3)

    /// The defaults.
    public init() {}
}

/// When alerts fire. All durations are of event time; thousandths, milliseconds and windows as the names say.
public struct AlertConfiguration: Sendable, Equatable {
    /// Length of a window in milliseconds, the planner's. One hour unless told.
    public var windowMillis: Int64 = 3_600_000
    /// Part of a partition's capacity in use beyond which it is a bottleneck, in thousandths. 850 unless told.
    public var utilisationMilli: Int64 = 850
    /// 3 windows to fire and to resolve unless told.
    public var bottleneckHold = AlertHold(fireWindows: 3, resolveWindows: 3)
    /// Anomalies.
    public var anomaly = AnomalyLimits()
    /// The error budget.
    public var budget = ErrorBudget()
    /// 3 windows without telemetry to fire, 1 with it to resolve unless told.
    public var missingHold = AlertHold(fireWindows: 3, resolveWindows: 1)
    /// Records a topic may be behind. 100,000 unless told.
    public var lagRecords: Int64 = 100_000
    /// Milliseconds a topic may be behind. 300,000 unless told.
    public var lagMillis: Int64 = 300_000
    /// 2 windows to fire and to resolve unless told.
    public var lagHold = AlertHold(fireWindows: 2, resolveWindows: 2)
    /// Milliseconds for which a stage may have input and commit nothing, while the cluster answers. 60,000 unless told.
    public var stallMillis: Int64 = 60_000
    /// 1 window to fire and to resolve unless told.
    public var stallHold = AlertHold(fireWindows: 1, resolveWindows: 1)
    /// An experiment's ratio is off if chance makes it so with less probability than this, in parts per billion.
    /// 1,000,000 unless told, that is 0.001.
    public var ratioPerBillion: Int64 = 1_000_000
    /// 2 windows to fire and to resolve unless told.
    public var ratioHold = AlertHold(fireWindows: 2, resolveWindows: 2)
    /// Windows a shadow may stay at one step of its ramp. 6 unless told.
    public var rampWindows = 6
    /// Windows a shadow may be provisioning. 24 unless told.
    public var provisioningWindows = 24
    /// Dead letters a window may have. 10 unless told.
    public var deadLetters: Int64 = 10
    /// 2 windows to fire and to resolve unless told.
    public var deadLettersHold = AlertHold(fireWindows: 2, resolveWindows: 2)
    /// Windows of silence after which a topic or an experiment is forgotten. 24 unless told.
    public var forgetWindows = 24
    /// Windows without telemetry, or without being evaluated, after which forecasts start anew. 48 unless told.
    public var gapWindows = 48
    /// Topics, and experiments, that are watched at most. 1,000 unless told.
    public var subjectsMax = 1_000
    /// Windows of a partition that may wait to be evaluated. 64 unless told.
    public var waitingWindowsMax = 64

    /// The defaults.
    public init() {}
}
