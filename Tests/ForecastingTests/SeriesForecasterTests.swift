import Forecasting
import Testing

/// What a forecaster makes of series whose nature is known.
@Suite struct SeriesForecasterTests {
    @Test(arguments: [0, 1, 7, 1_000_000_000_000] as [Int64])
    func `a constant series is forecast as what it is, median and upper quantile`(value: Int64) throws {
        let last = try #require(prequential(Array(repeating: value, count: 200)).last ?? nil)
        #expect(abs(last.mean - Double(value)) <= 1e-4 * Double(value))
        #expect(abs(last.p50 - Double(value)) <= 1e-4 * Double(value))
        #expect(abs(last.p90 - Double(value)) <= 1e-4 * Double(value) + 1)
    }

    @Test func `nothing is forecast before the first value, and of no other horizon`() {
        var forecaster = SeriesForecaster(ForecastConfiguration(), firstWindow: 5)
        #expect(forecaster.forecast(horizon: 1) == nil)
        forecaster.observe(3)
        #expect(forecaster.forecast(horizon: 1) != nil)
        #expect(forecaster.forecast(horizon: 2) == nil)
        #expect(forecaster.window == 6)
    }

    @Test func `a trend is followed ahead of its last value`() throws {
        var configuration = ForecastConfiguration()
        configuration.horizons = [5]
        let values = (0..<400).map { Int64($0 * 10) }
        let forecasts = prequential(values, configuration)
        let last = try #require(forecasts.last ?? nil)
        // The value at hand lags by 50; what models without a trend miss is made good by the calibration.
        let truth = Double(values[values.count - 1])
        #expect(abs(last.p50 - truth) < 10, "\(last)")
        #expect((truth - 10...truth + 20).contains(last.p90), "\(last)")
    }

    @Test(arguments: [1, 24])
    func `a day's season is foreseen at any horizon`(horizon: Int) {
        var random = SeededSeries(seed: 11)
        let values = (0..<(24 * 42)).map { hour in
            random.count(mean: hour % 24 < 12 ? 40 : 5)
        }
        var configuration = ForecastConfiguration()
        configuration.horizons = [horizon]
        let score = score(values, from: 24 * 14, configuration)
        // Poisson noise alone gives 0.71: the naive has it twice.
        #expect((score.maseDay ?? 9) < 0.85, "\(score)")
        #expect((score.maseWeek ?? 9) < 0.85, "\(score)")
    }

    @Test func `a week's season is foreseen, which a day's naive is not`() {
        var random = SeededSeries(seed: 12)
        let values = (0..<(168 * 26)).map { hour in
            random.count(mean: (hour / 24) % 7 < 5 ? 30 : 6)
        }
        var configuration = ForecastConfiguration()
        configuration.horizons = [24]
        let score = score(values, from: 168 * 12, configuration)
        #expect((score.maseDay ?? 9) < 0.7, "\(score)")
        #expect((score.maseWeek ?? 9) < 1, "\(score)")
    }

    @Test func `a season is kept by the time of day where windows are minutes`() {
        var random = SeededSeries(seed: 13)
        var configuration = ForecastConfiguration()
        configuration.windowMillis = 900_000
        let values = (0..<(96 * 28)).map { window in
            random.count(mean: window % 96 < 48 ? 20 : 2)
        }
        let score = score(values, from: 96 * 10, configuration)
        #expect((score.maseDay ?? 9) < 0.8, "\(score)")
    }

    @Test func `a series that is mostly nothing has its mean kept, and no demand is its median`() throws {
        var random = SeededSeries(seed: 14)
        let values = (0..<3_000).map { _ in
            Int.random(in: 0..<20, using: &random) == 0 ? Int64.random(in: 1...9, using: &random) : 0
        }
        let forecasts = prequential(values).suffix(1_000).compactMap { $0 }
        let mean = forecasts.reduce(0) { $0 + $1.mean } / Double(forecasts.count)
        let truth = Double(values.suffix(1_000).reduce(0, +)) / 1_000
        #expect(abs(mean - truth) < 0.3 * truth, "\(mean), not \(truth)")
        #expect(forecasts.filter { $0.p50 == 0 }.count > 950)
    }

    @Test func `a level shift is found, and the level is right again within ten windows`() throws {
        var random = SeededSeries(seed: 15)
        var forecaster = SeriesForecaster(ForecastConfiguration(), firstWindow: 0)
        for _ in 0..<500 { forecaster.observe(random.count(mean: 20)) }
        let before = forecaster.changes
        for _ in 0..<10 { forecaster.observe(random.count(mean: 100)) }
        #expect(forecaster.changes > before)
        let forecast = try #require(forecaster.forecast(horizon: 1))
        #expect((80...120).contains(forecast.mean), "\(forecast)")
        // Also the slow models are there, not only the last value.
        let slow = try #require(forecaster.opinion(of: .daySeason, horizon: 1))
        #expect((80...130).contains(slow.mean), "\(slow)")
    }

    @Test func `noise is no change`() {
        var random = SeededSeries(seed: 16)
        var forecaster = SeriesForecaster(ForecastConfiguration(), firstWindow: 0)
        for _ in 0..<5_000 { forecaster.observe(random.count(mean: 20)) }
        #expect(forecaster.changes == 0)
    }

    @Test func `the better model gets the weight`() throws {
        var random = SeededSeries(seed: 17)
        var forecaster = SeriesForecaster(ForecastConfiguration(), firstWindow: 0)
        var value = 1_000.0
        // A random walk: its last value is the best forecast there is.
        for _ in 0..<1_000 {
            value = max(0, value + Double.random(in: -50...50, using: &random))
            forecaster.observe(Int64(value))
        }
        let last = try #require(forecaster.opinion(of: .last, horizon: 1))
        let naive = try #require(forecaster.opinion(of: .dayNaive, horizon: 1))
        #expect(last.weight > 0.4, "\(last)")
        #expect(naive.weight < 0.1, "\(naive)")
        let sum = try Component.allCases.map { try #require(forecaster.opinion(of: $0, horizon: 1)).weight }
            .reduce(0, +)
        #expect(abs(sum - 1) < 1e-5)
    }

    @Test func `a component that is left out weighs nothing`() throws {
        var configuration = ForecastConfiguration()
        configuration.components = [.dayNaive]
        var forecaster = SeriesForecaster(configuration, firstWindow: 0)
        for value in 0..<100 { forecaster.observe(Int64(value % 24)) }
        let forecast = try #require(forecaster.forecast(horizon: 1))
        #expect(forecast.mean == forecaster.opinion(of: .dayNaive, horizon: 1)?.mean)
        #expect(forecaster.opinion(of: .last, horizon: 1)?.weight == 0)
    }

    @Test func `the same values give the same forecasts`() {
        var random = SeededSeries(seed: 18)
        let values = (0..<500).map { _ in Int64.random(in: 0...50, using: &random) }
        #expect(prequential(values) == prequential(values))
    }

    @Test func `hostile values leave every figure finite`() throws {
        var random = SeededSeries(seed: 19)
        var configuration = ForecastConfiguration()
        configuration.horizons = [1, 7]
        var forecaster = SeriesForecaster(configuration, firstWindow: .min)
        for _ in 0..<5_000 {
            let value = ([0, 0, 0, 1, -5, .max, .min] as [Int64]).randomElement(using: &random) ?? 0
            forecaster.observe(value)
            let forecast = try #require(forecaster.forecast(horizon: 1))
            #expect(forecast.mean.isFinite && forecast.p50.isFinite && forecast.p90.isFinite)
            #expect(forecast.p50 >= 0 && forecast.p90 >= forecast.p50)
        }
    }
}
