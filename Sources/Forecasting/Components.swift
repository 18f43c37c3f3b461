import Contracts

/// A model that takes part in the combination.
public enum Component: Int, Sendable, CaseIterable {
    /// The last value.
    case last
    /// A level with a damped trend, without a season.
    case trend
    /// Seasonal naive: the last value of that hour of the day.
    case dayNaive
    /// Seasonal naive: the last value of that hour of the week; of the day while the series is sparse.
    case weekNaive
    /// A moving mean under hour of the day and day of the week.
    case daySeason
    /// A moving mean under hour of the week.
    case weekSeason
    /// A faster level with a damped trend, under hour of the day and day of the week.
    case seasonTrend
    /// For series that are mostly 0: the probability of demand times its size (Teunter, Syntetos and Babai,
    /// "Intermittent demand: linking forecasting to inventory obsolescence", 2011).
    case intermittent
}

/// All models of one series. Constant work a window.
struct Components: Sendable, Equatable {
    private(set) var last: Float = 0
    private(set) var trend = Level()
    private(set) var dayMean = Level()
    private(set) var weekMean = Level()
    private(set) var seasonTrend = Level()
    private(set) var season: Season
    /// What the season is measured against.
    private(set) var reference = Level()
    private(set) var change = ChangeDetector()
    /// Windows seen, the probability that one is not 0, and the mean of those.
    private(set) var windows: Float = 0
    private(set) var probability: Float = 0
    private(set) var size: Float = 0

    init(_ configuration: ForecastConfiguration) { season = Season(configuration) }

    /// The mean each component expects of a window that starts in `hour`, counted from 1970; `reach` as
    /// `Level.forecast` has it. In the order of `Component`.
    @inline(__always)
    func forecast(hour: Int64, reach: Float, _ configuration: ForecastConfiguration) -> SIMD8<Float> {
        let slot = Season.slot(ofHour: hour)
        let byDay = season.dayFactor(slot, configuration)
        return SIMD8(
            last, trend.forecast(factor: 1, reach: reach), season.yesterday[slot % 24], season.weekAgo(slot),
            dayMean.forecast(factor: byDay, reach: 0),
            weekMean.forecast(factor: season.weekFactor(slot, configuration), reach: 0),
            seasonTrend.forecast(factor: byDay, reach: reach), probability * size)
    }

    /// Takes in a window's value. True if the level has changed.
    mutating func observe(_ value: Float, hour: Int64, _ configuration: ForecastConfiguration) -> Bool {
        let slot = Season.slot(ofHour: hour)
        let byDay = season.dayFactor(slot, configuration)
        let byWeek = season.weekFactor(slot, configuration)
        let changed = change.observe(
            value, expected: weekMean.forecast(factor: byWeek, reach: 0), configuration)
        if changed { shorten(to: configuration.memoryAfterChange) }
        last = value
        reference.observe(value, factor: 1, gain: configuration.referenceGain)
        dayMean.observe(value, factor: byDay, gain: configuration.seasonGain)
        weekMean.observe(value, factor: byWeek, gain: configuration.seasonGain)
        seasonTrend.observe(
            value, factor: byDay, gain: configuration.seasonTrendGain,
            slopeGain: configuration.seasonSlopeGain, damping: configuration.damping)
        trend.observe(
            value, factor: 1, gain: configuration.trendGain, slopeGain: configuration.trendSlopeGain,
            damping: configuration.damping)
        observeDemand(value, configuration)
        season.observe(
            value, hour: hour, level: reference.level,
            isWeekKept: configuration.isWeekAsked && probability >= configuration.weekMinimum, configuration)
        return changed
    }

    private mutating func observeDemand(_ value: Float, _ configuration: ForecastConfiguration) {
        windows = min(windows + 1, 1e6)
        let gain = max(configuration.intermittentGain, 1 / windows)
        probability += gain * ((value > 0 ? 1 : 0) - probability)
        if value > 0 { size = size == 0 ? value : size + configuration.sizeGain * (value - size) }
    }

    /// Not the reference: a first weekend is a change too, and must not be the measure of the days before.
    private mutating func shorten(to windows: Int) {
        trend.shorten(to: windows)
        dayMean.shorten(to: windows)
        weekMean.shorten(to: windows)
        seasonTrend.shorten(to: windows)
    }
}

/// As bytes.
extension Components {
    func encode(into state: inout StateWriter) {
        state.write(last)
        for level in [reference, trend, dayMean, weekMean, seasonTrend] { level.encode(into: &state) }
        season.encode(into: &state)
        change.encode(into: &state)
        for value in [windows, probability, size] { state.write(value) }
    }

    init(_ reader: inout StateReader) throws(StateFailure) {
        last = try reader.number(in: .amount, "a value")
        reference = try Level(&reader)
        trend = try Level(&reader)
        dayMean = try Level(&reader)
        weekMean = try Level(&reader)
        seasonTrend = try Level(&reader)
        season = try Season(&reader)
        change = try ChangeDetector(&reader)
        windows = try reader.number(in: .count, "windows")
        probability = try reader.number(in: 0...1, "a probability")
        size = try reader.number(in: .amount, "a size")
    }
}
