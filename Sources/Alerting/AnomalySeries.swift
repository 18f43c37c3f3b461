import Contracts
import Forecasting

/// A series that is held against its own forecast.
///
/// An anomaly is not learned from, or it would be expected from its second window on: as long as it is new, the
/// forecaster is told that what it expected has come. After `learnWindows` it is taken for the new normal.
struct AnomalySeries: Sendable, Equatable {
    /// What a value was held against.
    struct Verdict: Equatable {
        var value: Int64
        /// What was expected: the median.
        var expected: Double
        /// How far from it would still have been as usual.
        var reach: Double
        var isOutside: Bool
    }

    private var forecaster: SeriesForecaster?
    private var seen: Int64 = 0
    /// Windows in a row outside, and without a value.
    private var outside: Int64 = 0
    private var missing: Int64 = 0

    init() {}

    static func forecasting(_ configuration: AlertConfiguration) -> ForecastConfiguration {
        var forecasting = ForecastConfiguration()
        forecasting.windowMillis = configuration.windowMillis
        return forecasting
    }

    /// Takes in the value of the next window, nil if there is none, and judges it; nil while it cannot.
    ///
    /// `floor` is the distance that matters at all. Values below count only if `isBothSided`.
    mutating func observe(
        _ value: Int64?, window: Int64, floor: Int64, isBothSided: Bool = false,
        _ configuration: AlertConfiguration
    ) -> Verdict? {
        guard let forecast = forecaster?.forecast(horizon: 1) else {
            guard let value else { return nil }
            forecaster = SeriesForecaster(Self.forecasting(configuration), firstWindow: window)
            forecaster?.observe(value)
            seen = 1
            return nil
        }
        guard let value else {
            missing += 1
            // Too long on its own it would no longer know how wide its quantiles are.
            if missing > Int64(configuration.gapWindows) { self = AnomalySeries() }
            forecaster?.observe(Amount.whole(forecast.p50))
            return nil
        }
        missing = 0
        seen = min(seen + 1, 1 << 32)
        let spread = Double(configuration.anomaly.spreadMilli) / 1_000
        let reach = max(Double(floor), spread * max(0, forecast.upper - forecast.median))
        let distance = Double(value) - forecast.median
        let isOutside = distance > reach || (isBothSided && -distance > reach)
        guard seen > Int64(configuration.anomaly.warmUpWindows) else {
            forecaster?.observe(value)
            return nil
        }
        learn(value, forecast, isOutside, configuration.anomaly)
        return Verdict(value: value, expected: forecast.median, reach: reach, isOutside: isOutside)
    }

    private mutating func learn(
        _ value: Int64, _ forecast: Forecast, _ isOutside: Bool, _ limits: AnomalyLimits
    ) {
        if !isOutside { outside = 0 }
        let isNew = isOutside && outside < Int64(limits.learnWindows)
        forecaster?.observe(isNew ? Amount.whole(forecast.p50) : value)
        if isNew { outside += 1 }
    }
}

/// As bytes.
extension AnomalySeries {
    func encode(into state: inout StateWriter) {
        for count in [seen, outside, missing] { state.write(count) }
        state.write(forecaster != nil)
        forecaster?.encode(into: &state)
    }

    init(_ configuration: AlertConfiguration, _ reader: inout StateReader) throws(StateFailure) {
        seen = try reader.read(in: 0...1 << 32, "windows")
        outside = try reader.read(in: 0...10_000, "windows")
        missing = try reader.read(in: 0...10_000, "windows")
        let isThere: Bool = try reader.read()
        if isThere { forecaster = try SeriesForecaster(Self.forecasting(configuration), &reader) }
    }
}
