/// How good forecasts of a series were, all at one horizon, each made before its value was known.
public struct ForecastScore: Sendable, Equatable {
    /// Values scored.
    public private(set) var windows = 0
    private var values = 0.0
    private var errors = 0.0
    private var dayErrors = 0.0
    private var weekErrors = 0.0
    private var losses50 = 0.0
    private var losses90 = 0.0
    private var covered = 0.0
    private var atOrUnder = 0

    /// Nothing scored yet.
    public init() {}

    /// Scores a forecast; `dayBefore` and `weekBefore` are what the seasonal naive says at the same horizon: the
    /// newest value known then of the same time of day, and of the same time of the week.
    public mutating func add(_ value: Double, _ forecast: Forecast, dayBefore: Double, weekBefore: Double) {
        add(
            value, p50: forecast.p50, p90: forecast.p90, covered: forecast.covered(value),
            dayBefore: dayBefore, weekBefore: weekBefore)
    }

    /// Scores quantiles; `covered` is the part of the value that the 0.9 quantile covers.
    public mutating func add(
        _ value: Double, p50: Double, p90: Double, covered: Double, dayBefore: Double, weekBefore: Double
    ) {
        windows += 1
        values += value
        errors += abs(value - p50)
        dayErrors += abs(value - dayBefore)
        weekErrors += abs(value - weekBefore)
        losses50 += max(0.5 * (value - p50), 0.5 * (p50 - value))
        losses90 += max(0.9 * (value - p90), 0.1 * (p90 - value))
        self.covered += covered
        atOrUnder += value <= p90 ? 1 : 0
    }

    /// Adds what was scored of another series.
    public mutating func add(_ other: ForecastScore) {
        windows += other.windows
        values += other.values
        errors += other.errors
        dayErrors += other.dayErrors
        weekErrors += other.weekErrors
        losses50 += other.losses50
        losses90 += other.losses90
        covered += other.covered
        atOrUnder += other.atOrUnder
    }

    /// The mean of the values; nil before the first.
    public var mean: Double? { windows > 0 ? values / Double(windows) : nil }
    /// Mean absolute error of the median / that of the seasonal naive with a period of 168 hours, over the same
    /// windows. Nil where that one makes no error. After Hyndman and Koehler, "Another look at measures of
    /// forecast accuracy" (2006), who scale by errors on the data before; here nothing is known before.
    public var maseWeek: Double? { weekErrors > 0 ? errors / weekErrors : nil }
    /// The same with a period of 24 hours.
    public var maseDay: Double? { dayErrors > 0 ? errors / dayErrors : nil }
    /// Mean pinball loss of the median; nil before the first value.
    public var pinball50: Double? { windows > 0 ? losses50 / Double(windows) : nil }
    /// Mean pinball loss of the 0.9 quantile.
    public var pinball90: Double? { windows > 0 ? losses90 / Double(windows) : nil }
    /// Part of the values that the 0.9 quantile covers, each whole number standing for the unit around it.
    public var coverage: Double? { windows > 0 ? covered / Double(windows) : nil }
    /// Part of the values that are at or under P90, a whole number. In series that are mostly 0 it cannot be as
    /// low as 0.9.
    public var atOrUnderP90: Double? { windows > 0 ? Double(atOrUnder) / Double(windows) : nil }
}
