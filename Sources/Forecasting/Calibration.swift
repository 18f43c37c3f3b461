import Contracts

/// Quantiles around a mean, kept calibrated by what comes.
///
/// Values are whole numbers, and each stands for the unit around it (the continuity correction): of the value v,
/// the quantile q covers the part q + 1/2 - v, between 0 and 1. Without that, no quantile of small counts could
/// be calibrated (Czado, Gneiting and Held, "Predictive model assessment for count data", 2009).
///
/// Around the mean m lies a gamma distribution that starts at -1/2 and has variance f m + 1/12, f the measured
/// dispersion. Its quantiles are M (1 - r/9 + z sqrt(r)/3)^3 - 1/2, with M = m + 1/2 and r = variance / M^2, at
/// most 4, for z of the normal distribution (Wilson and Hilferty, 1931). z is then tracked: z + gain (level -
/// covered), so that over time `level` is covered whatever the series does (Gibbs and Candès, "Adaptive
/// conformal inference under distribution shift", 2021; the quantile tracker of Angelopoulos, Candès and
/// Tibshirani, "Conformal PID control for time series prediction", 2023).
struct Calibration: Sendable, Equatable {
    /// Sums of squared errors and of means, fading. They start as those of counts.
    private(set) var squares: Float = 2
    private(set) var means: Float = 2
    /// z of the median and of the 0.9 quantile.
    private(set) var median: Float = 0
    private(set) var upper: Float = 1.2816
    private(set) var windows: Float = 0

    /// Variance per mean.
    @inline(__always)
    private var dispersion: Float { min(squares / max(means, 1e-6), 1e15) }

    /// The quantile around a mean, -1/2 or more.
    func quantile(_ mean: Float, z: Float) -> Float { quantiles(SIMD8(repeating: mean), z: z)[0] }

    /// The quantiles around each of several means.
    @inline(__always)
    func quantiles(_ means: SIMD8<Float>, z: Float) -> SIMD8<Float> {
        let shifted = means + 0.5
        var ratio = (dispersion * means + 1 / 12) / (shifted * shifted)
        ratio.replace(with: 4, where: ratio .> 4)
        var root = 1 - ratio / 9 + z / 3 * ratio.squareRoot()
        root.replace(with: 0, where: root .< 0)
        return shifted * (root * root * root) - 0.5
    }

    /// What is expected around a mean.
    func forecast(_ mean: Float) -> Forecast {
        let median = quantile(mean, z: median)
        return Forecast(mean: mean, median: median, upper: max(median, quantile(mean, z: upper)))
    }

    /// Takes in a value of which that mean was expected.
    mutating func observe(_ value: Float, mean: Float, _ configuration: ForecastConfiguration) {
        windows = min(windows + 1, 1e6)
        let gain = max(configuration.quantileGain, 1 / (windows + 10))
        median = Self.tracked(median, covered: covered(value, mean, z: median), level: 0.5, gain)
        upper = Self.tracked(upper, covered: covered(value, mean, z: upper), level: 0.9, gain)
        let kept = 1 - configuration.dispersionGain
        let error = value - mean
        squares = squares * kept + error * error
        means = means * kept + mean
    }

    private func covered(_ value: Float, _ mean: Float, z: Float) -> Float {
        max(0, min(1, quantile(mean, z: z) + 0.5 - value))
    }

    private static func tracked(_ z: Float, covered: Float, level: Float, _ gain: Float) -> Float {
        max(-8, min(8, z + gain * (level - covered)))
    }
}

/// As bytes.
extension Calibration {
    func encode(into state: inout StateWriter) {
        for value in [squares, means, median, upper, windows] { state.write(value) }
    }

    init(_ reader: inout StateReader) throws(StateFailure) {
        squares = try reader.number(in: .square, "a sum of squares")
        means = try reader.number(in: .amount, "a sum of means")
        median = try reader.number(in: -8...8, "a quantile")
        upper = try reader.number(in: -8...8, "a quantile")
        windows = try reader.number(in: .count, "windows")
    }
}
