import Contracts

/// The weights of the components by their recent pinball loss at 0.5 and 0.9: exponential weights, a part of
/// which is dealt out anew in each window (fixed share: Herbster and Warmuth, "Tracking the best expert", 1998).
struct Combination: Sendable, Equatable {
    private(set) var weights: SIMD8<Float>
    /// Mean loss of the components by their weights, fading: the unit of losses.
    private(set) var loss: Float = 0

    /// All components of the configuration weigh the same.
    init(_ configuration: ForecastConfiguration) { weights = Self.prior(configuration) }

    /// The weighted mean of the components' means.
    @inline(__always)
    func mean(_ means: SIMD8<Float>) -> Float { Self.sum(weights * means) }

    /// Takes in a value of which the components expected `means`.
    mutating func observe(
        _ value: Float, _ means: SIMD8<Float>, _ calibration: Calibration,
        _ configuration: ForecastConfiguration
    ) {
        let losses =
            Self.pinball(value, calibration.quantiles(means, z: calibration.median), level: 0.5)
            + Self.pinball(value, calibration.quantiles(means, z: calibration.upper), level: 0.9)
        let own = Self.sum(weights * losses)
        loss = loss == 0 ? own : loss + configuration.dispersionGain * (own - loss)
        if loss <= 0 { return }
        // exp(-x) as (1 + x/16)^-16: the same on every machine.
        var factors = 1 + losses * (configuration.learningRate / loss / 16)
        factors.replace(with: 2, where: factors .> 2)
        for _ in 0..<4 { factors *= factors }
        let posterior = weights / factors
        weights =
            posterior * ((1 - configuration.share) / Self.sum(posterior))
            + Self.prior(configuration) * configuration.share
    }

    /// Pinball losses of quantiles, averaged over the unit that the value stands for.
    @inline(__always)
    private static func pinball(_ value: Float, _ quantiles: SIMD8<Float>, level: Float) -> SIMD8<Float> {
        let error = value - quantiles
        let over = 0.5 - error
        let inside = over.clamped(lowerBound: .zero, upperBound: .one)
        return level * error + inside * inside / 2 + (over - inside).replacing(with: 0, where: over .< 0)
    }

    private static func prior(_ configuration: ForecastConfiguration) -> SIMD8<Float> {
        var prior = SIMD8<Float>()
        for component in configuration.components {
            prior[component.rawValue] = 1 / Float(configuration.components.count)
        }
        return prior
    }

    /// The sum in an order that is the same on every machine.
    @inline(__always)
    private static func sum(_ v: SIMD8<Float>) -> Float {
        let four = v.lowHalf + v.highHalf
        return (four[0] + four[2]) + (four[1] + four[3])
    }
}

/// As bytes.
extension Combination {
    func encode(into state: inout StateWriter) {
        state.write(eight: weights)
        state.write(loss)
    }

    init(_ reader: inout StateReader) throws(StateFailure) {
        weights = try reader.eight(in: 0...1.001, "a weight")
        if abs(Self.sum(weights) - 1) > 0.001 {
            throw .outOfRange("weights that sum to \(Self.sum(weights))")
        }
        loss = try reader.number(in: .amount, "a loss")
    }
}
