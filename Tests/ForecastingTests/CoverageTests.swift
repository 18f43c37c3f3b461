import Forecasting
import Testing

/// Quantiles hold what they promise, whatever the series is like.
@Suite struct CoverageTests {
    private static let seeds: [UInt64] = [21, 22, 23]

    @Test(arguments: [0.05, 0.5, 3, 50], seeds)
    func `nine of ten counts are under the upper quantile`(mean: Double, seed: UInt64) {
        var random = SeededSeries(seed: seed)
        let values = (0..<4_000).map { _ in random.count(mean: mean) }
        let score = score(values, from: 500)
        #expect((0.88...0.92).contains(score.coverage ?? 0), "seed \(seed): \(score)")
    }

    @Test(arguments: seeds)
    func `also where noise goes with the level and the level wanders`(seed: UInt64) {
        var random = SeededSeries(seed: seed)
        var level = 1e9
        let values = (0..<4_000).map { hour -> Int64 in
            level *= Double.random(in: 0.97...1.031, using: &random)
            level = min(max(level, 1e7), 1e11)
            let season = hour % 24 < 8 ? 0.2 : 1
            return Int64(level * season * Double.random(in: 0.5...1.5, using: &random))
        }
        let score = score(values, from: 500)
        #expect((0.88...0.92).contains(score.coverage ?? 0), "seed \(seed): \(score)")
    }

    @Test(arguments: [6, 24])
    func `also at longer horizons`(horizon: Int) {
        var random = SeededSeries(seed: 24)
        var configuration = ForecastConfiguration()
        configuration.horizons = [horizon]
        let values = (0..<6_000).map { hour in random.count(mean: hour % 24 < 10 ? 2 : 20) }
        let score = score(values, from: 1_000, configuration)
        #expect((0.88...0.92).contains(score.coverage ?? 0), "\(score)")
    }

    @Test func `also right after noise has become another`() {
        var random = SeededSeries(seed: 25)
        let values = (0..<3_000).map { window -> Int64 in
            let width: Int64 = window < 1_500 ? 5 : 90
            return 100 + Int64.random(in: -width...width, using: &random)
        }
        let score = score(values, from: 1_500)
        #expect((0.88...0.92).contains(score.coverage ?? 0), "\(score)")
    }
}
