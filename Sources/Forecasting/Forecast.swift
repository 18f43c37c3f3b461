/// What is expected of a series in one window.
public struct Forecast: Sendable, Equatable {
    /// The mean.
    public let mean: Double
    /// The median where each whole number stands for the unit around it; -1/2 or more.
    public let median: Double
    /// The 0.9 quantile where each whole number stands for the unit around it: the one that is calibrated.
    public let upper: Double

    init(mean: Float, median: Float, upper: Float) {
        self.mean = Double(mean)
        self.median = Double(median)
        self.upper = Double(upper)
    }

    /// The whole number that half of all values do not exceed.
    public var p50: Double { Self.whole(median) }
    /// The smallest whole number that nine of ten values do not exceed.
    public var p90: Double { Self.whole(upper) }

    /// The part of a value's unit that is under the 0.9 quantile, 0 to 1: its mean is the coverage.
    public func covered(_ value: Double) -> Double { max(0, min(1, upper + 0.5 - value)) }

    private static func whole(_ quantile: Double) -> Double { max(0, (quantile - 0.5).rounded(.up)) }
}
