public import Contracts

/// Two views of the same future made one: the series from above, and from below the sum of calibrated affinities
/// times volume.
///
/// Each weighs the inverse of its recent mean squared error at the horizon (Bates and Granger, "The combination
/// of forecasts", 1969, with errors taken as uncorrelated). The quantiles around the sum are calibrated by what
/// comes, as those of a series are.
public struct Reconciliation: Sendable, Equatable {
    /// How it learns.
    public let configuration: ForecastConfiguration
    /// In windows.
    public let horizon: Int

    private struct Views: Equatable {
        var above: Float
        var below: Float
    }

    private var pending: [Views] = []
    private var due = 0
    private var squaresAbove: Float = 1
    private var squaresBelow: Float = 1
    private var calibration = Calibration()

    /// Views that weigh the same. The configuration must have passed `validate()`; the horizon is one or more.
    public init(_ configuration: ForecastConfiguration, horizon: Int) {
        precondition(horizon >= 1 && horizon <= 1_000, "the horizon must be 1 to 1,000 windows")
        self.configuration = configuration
        self.horizon = horizon
    }

    /// The weight of the view from above, 0 to 1.
    public var weightAbove: Double { Double(weight) }

    private var weight: Float { squaresBelow / (squaresAbove + squaresBelow) }

    /// Takes in a window's value, which both views forecast `horizon` windows ago, and what they say now.
    ///
    /// `above` is the mean of the series' forecast, `below` the sum from below; both in the unit of values.
    public mutating func observe(_ value: Int64, above: Double, below: Double) -> Forecast {
        let value = Float(min(max(value, 0), ForecastConfiguration.valueMax))
        let views = Views(above: Self.amount(above), below: Self.amount(below))
        if pending.count < horizon {
            pending.append(views)
        } else {
            learn(value, pending[due])
            pending[due] = views
            due = due + 1 == horizon ? 0 : due + 1
        }
        return calibration.forecast(mean(views))
    }

    private mutating func learn(_ value: Float, _ views: Views) {
        let kept = 1 - configuration.dispersionGain
        squaresAbove = squaresAbove * kept + (value - views.above) * (value - views.above)
        squaresBelow = squaresBelow * kept + (value - views.below) * (value - views.below)
        // Neither is ever known to be without error.
        squaresAbove = max(squaresAbove, 1e-6)
        squaresBelow = max(squaresBelow, 1e-6)
        // By the new weights: a view that is far off to begin with must not widen the quantiles for weeks.
        calibration.observe(value, mean: mean(views), configuration)
    }

    private func mean(_ views: Views) -> Float { weight * views.above + (1 - weight) * views.below }

    private static func amount(_ value: Double) -> Float {
        value > 0 ? Float(min(value, Double(ForecastConfiguration.valueMax))) : 0
    }
}

/// State as bytes.
extension Reconciliation {
    /// Writes everything but the configuration.
    public func encode(into state: inout StateWriter) {
        state.write(UInt64(horizon))
        state.write(UInt64(pending.count))
        for views in pending {
            state.write(views.above)
            state.write(views.below)
        }
        state.write(UInt64(due))
        state.write(squaresAbove)
        state.write(squaresBelow)
        calibration.encode(into: &state)
    }

    /// Takes everything over, as far as the reader has it: more may follow. Throws when the bytes cannot be what
    /// `encode` wrote, or are of another horizon.
    public init(
        _ configuration: ForecastConfiguration, horizon: Int, _ reader: inout StateReader
    ) throws(StateFailure) {
        self.init(configuration, horizon: horizon)
        let written = try reader.count(limit: 1_000, "a horizon")
        if written != horizon { throw .otherShape("a horizon of \(written) windows, not \(horizon)") }
        for _ in 0..<(try reader.count(limit: horizon, "forecasts")) {
            pending.append(
                Views(
                    above: try reader.number(in: .amount, "a mean"),
                    below: try reader.number(in: .amount, "a mean")))
        }
        // Before the ring is full, nothing is due.
        due = try reader.count(limit: pending.count < horizon ? 0 : horizon - 1, "a place")
        squaresAbove = try reader.number(in: 1e-6...1e36, "a sum of squares")
        squaresBelow = try reader.number(in: 1e-6...1e36, "a sum of squares")
        calibration = try Calibration(&reader)
    }
}
