public import Forecasting

/// Forecasts every series of a trace as if it came live: forecast, then compare with what came, then learn.
///
/// The first week and the horizon are learnt from but not scored: until then the seasonal naive of a week, in
/// whose errors all are measured, has nothing to say.
public struct ForecastTrial: Sendable {
    /// How the combination forecasts; the first horizon is the one that is scored.
    public var configuration: ForecastConfiguration

    /// A trial with that configuration, which must have passed `validate()`.
    public init(_ configuration: ForecastConfiguration) { self.configuration = configuration }

    /// How many windows a trace must have for one to be scored.
    public var windowsNeeded: Int { start + 1 }

    /// Scores the combination, each of its components as it forecasts alone, and the bare seasonal naives, on
    /// every series. Tells `progress`, if any, the part that is done.
    public func run(_ counts: WindowCounts, progress: ((Double) -> Void)? = nil) -> ForecastReport {
        var series: [ForecastReport.Series] = []
        for (place, values) in counts.counts.enumerated() {
            progress?(Double(place) / Double(counts.counts.count))
            var scores = [score(values, configuration, counts.firstWindow)]
            for component in configuration.components where configuration.components.count > 1 {
                var alone = configuration
                alone.components = [component]
                scores.append(score(values, alone, counts.firstWindow))
            }
            scores += [naive(values, period: day), naive(values, period: 7 * day)]
            series.append(ForecastReport.Series(name: counts.names[place], scores: scores))
        }
        return ForecastReport(counts, configuration, models: models, series: series)
    }

    private var models: [String] {
        let components = configuration.components.count > 1 ? configuration.components : []
        return ["combination"] + components.map { "\($0)" } + ["naive 24 h", "naive 168 h"]
    }

    /// Windows in a day: a day's season in windows longer than that is the window before.
    private var day: Int { max(1, Int(86_400_000 / configuration.windowMillis)) }
    private var horizon: Int { configuration.horizons[0] }
    private var start: Int { 7 * day + horizon }

    private func score(
        _ values: [Int64], _ configuration: ForecastConfiguration, _ firstWindow: Int64
    ) -> ForecastScore {
        var forecaster = SeriesForecaster(configuration, firstWindow: firstWindow)
        var score = ForecastScore()
        var waiting: [Forecast?] = Array(repeating: nil, count: horizon)
        for place in values.indices {
            if place >= start, let forecast = waiting[place % horizon] {
                score.add(
                    Double(values[place]), forecast, dayBefore: before(values, place, period: day),
                    weekBefore: before(values, place, period: 7 * day))
            }
            forecaster.observe(values[place])
            waiting[place % horizon] = forecaster.forecast(horizon: horizon)
        }
        return score
    }

    /// The bare seasonal naive, which gives one value for all quantiles.
    private func naive(_ values: [Int64], period: Int) -> ForecastScore {
        var score = ForecastScore()
        for place in values.indices.dropFirst(start) {
            let value = Double(values[place])
            let naive = before(values, place, period: period)
            score.add(
                value, p50: naive, p90: naive, covered: max(0, min(1, naive + 0.5 - value)),
                dayBefore: before(values, place, period: day),
                weekBefore: before(values, place, period: 7 * day))
        }
        return score
    }

    /// The newest value that is whole periods before `place` and was known `horizon` windows before it.
    private func before(_ values: [Int64], _ place: Int, period: Int) -> Double {
        let at = place - (horizon + period - 1) / period * period
        return Double(values[max(0, at)])
    }
}
