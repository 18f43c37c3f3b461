import Forecasting
import Foundation

/// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators"), and what is drawn from it.
struct SeededSeries: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// A count of that many events on average, after Poisson: by Knuth's product of chances.
    mutating func count(mean: Double) -> Int64 {
        let limit = exp(-mean)
        var (count, product): (Int64, Double) = (0, .random(in: 0..<1, using: &self))
        while product > limit {
            product *= .random(in: 0..<1, using: &self)
            count += 1
        }
        return count
    }
}

/// What a forecaster said of each value before it knew it; nothing of the first ones.
func prequential(
    _ values: [Int64], _ configuration: ForecastConfiguration = ForecastConfiguration()
) -> [Forecast?] {
    let horizon = configuration.horizons[0]
    var forecaster = SeriesForecaster(configuration, firstWindow: 0)
    var forecasts: [Forecast?] = Array(repeating: nil, count: horizon)
    for value in values {
        forecaster.observe(value)
        forecasts.append(forecaster.forecast(horizon: horizon))
    }
    return Array(forecasts.prefix(values.count))
}

/// Scores of all values from `start` on.
func score(
    _ values: [Int64], from start: Int, _ configuration: ForecastConfiguration = ForecastConfiguration()
) -> ForecastScore {
    let horizon = configuration.horizons[0]
    let forecasts = prequential(values, configuration)
    let perDay = Int(86_400_000 / configuration.windowMillis)
    func before(_ place: Int, days: Int) -> Double {
        let period = days * perDay
        return Double(values[place - (horizon + period - 1) / period * period])
    }
    var score = ForecastScore()
    for place in start..<values.count {
        guard let forecast = forecasts[place] else { continue }
        score.add(
            Double(values[place]), forecast, dayBefore: before(place, days: 1),
            weekBefore: before(place, days: 7))
    }
    return score
}
