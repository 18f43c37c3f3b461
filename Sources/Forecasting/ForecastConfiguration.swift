/// How series are forecast. A gain is the weight of the newest value in an exponentially weighted mean; while
/// less was seen than its memory, all that was seen weighs the same.
public struct ForecastConfiguration: Sendable, Equatable {
    /// The length of a window in milliseconds. Seasons are kept by the hour, whatever it is.
    public var windowMillis: Int64 = 3_600_000
    /// How many windows ahead to forecast: each 1 to 1,000, none twice. Each costs a series 32 bytes x horizon.
    public var horizons = [1]
    /// The models that are combined.
    public var components = Component.allCases

    /// Gain of the level of the damped trend without a season, per window.
    public var trendGain: Float = 0.4
    /// Gain of its slope, in parts of the level's.
    public var trendSlopeGain: Float = 0.1
    /// Gain of the level under a season without a trend, per window.
    public var seasonGain: Float = 0.01
    /// Gain of the level under a season with a damped trend, per window.
    public var seasonTrendGain: Float = 0.1
    /// Gain of its slope, in parts of the level's.
    public var seasonSlopeGain: Float = 0.1
    /// What is left of a slope after a window, below 1.
    public var damping: Float = 0.9
    /// Gain of the probability of demand in the intermittent model, per window.
    public var intermittentGain: Float = 0.03
    /// Gain of the size of demand in the intermittent model, per window that has any.
    public var sizeGain: Float = 0.1
    /// Gain of the mean that seasons are measured against, per window: slow, or weekends would be levels.
    public var referenceGain: Float = 0.003
    /// Gain of an hour of the day, per day.
    public var dayGain: Float = 0.05
    /// Gain of a day of the week and of an hour of the week, per week.
    public var weekGain: Float = 0.1
    /// A series keeps hours of the week (1.3 KB) once this part of its windows is not 0, if a component asks for them.
    public var weekMinimum: Float = 0.1

    /// How fast weights follow losses: the exponent for a loss as large as the combination's own mean.
    public var learningRate: Float = 0.2
    /// The part of the weights that is dealt out anew in every window.
    public var share: Float = 0.02
    /// Gain of the dispersion and of the unit of losses, per window.
    public var dispersionGain: Float = 0.01
    /// How far a quantile moves in a window, in standard deviations per part of a window covered too much.
    public var quantileGain: Float = 0.02

    /// What the change detector lets pass of a window's error, in standard deviations.
    public var changeSlack: Float = 1
    /// How far errors on one side must sum up beyond the slack to be a change, in standard deviations.
    public var changeThreshold: Float = 12
    /// How many windows a level still remembers after a change.
    public var memoryAfterChange = 1

    /// The defaults: for windows from minutes to hours.
    public init() {}

    /// Values above count as this: their squares can be summed.
    public static let valueMax: Int64 = 1 << 50

    /// Whether a component goes by hours of the week.
    var isWeekAsked: Bool { components.contains(.weekSeason) || components.contains(.weekNaive) }

    /// How many of a day's hours have a window that starts in them.
    var slotsPerDay: Int64 { max(1, min(24, 86_400_000 / windowMillis)) }

    /// Throws if the numbers cannot work. `SeriesForecaster` takes only what passes here.
    public func validate() throws(ForecastFailure) {
        guard (1_000...(7 * 86_400_000)).contains(windowMillis) else {
            throw .outOfRange("windowMillis", "1,000 to 604,800,000")
        }
        guard !horizons.isEmpty, horizons.allSatisfy({ (1...1_000).contains($0) }) else {
            throw .outOfRange("horizons", "1 to 1,000")
        }
        if Set(horizons).count < horizons.count { throw .twice("horizons") }
        if components.isEmpty { throw .outOfRange("components", "at least one of all") }
        if Set(components).count < components.count { throw .twice("components") }
        for (name, gain) in [
            ("trendGain", trendGain), ("seasonGain", seasonGain), ("seasonTrendGain", seasonTrendGain),
            ("referenceGain", referenceGain), ("intermittentGain", intermittentGain), ("sizeGain", sizeGain),
            ("dayGain", dayGain),
            ("weekGain", weekGain), ("dispersionGain", dispersionGain), ("quantileGain", quantileGain),
        ] where !(gain > 0 && gain < 1) { throw .outOfRange(name, "above 0 and below 1") }
        for (name, part) in [
            ("trendSlopeGain", trendSlopeGain), ("seasonSlopeGain", seasonSlopeGain),
            ("weekMinimum", weekMinimum), ("share", share),
        ] where !(part >= 0 && part <= 1) { throw .outOfRange(name, "0 to 1") }
        guard damping >= 0, damping <= 0.999 else { throw .outOfRange("damping", "0 to 0.999") }
        guard learningRate > 0, learningRate <= 10 else {
            throw .outOfRange("learningRate", "above 0 and at most 10")
        }
        guard changeSlack >= 0, changeSlack < 4 else { throw .outOfRange("changeSlack", "0 and below 4") }
        guard changeThreshold > 0, changeThreshold <= 1e6 else {
            throw .outOfRange("changeThreshold", "above 0 and at most 1,000,000")
        }
        guard (0...10_000).contains(memoryAfterChange) else {
            throw .outOfRange("memoryAfterChange", "0 to 10,000")
        }
    }
}

/// Why series cannot be forecast so.
public enum ForecastFailure: Error, Equatable, CustomStringConvertible {
    /// The named number is outside what is allowed. Choose one inside.
    case outOfRange(String, String)
    /// The named list has a member twice. Leave one out.
    case twice(String)

    /// The reason, for people.
    public var description: String {
        switch self {
        case .outOfRange(let name, let allowed): "\(name) must be \(allowed)"
        case .twice(let name): "\(name) has something twice"
        }
    }
}
