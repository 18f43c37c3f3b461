import Forecasting
import Testing

/// Scores, reckoned by hand.
@Suite struct ScoreTests {
    @Test func `scores are what their definitions say`() {
        var score = ForecastScore()
        #expect(score.maseWeek == nil)
        #expect(score.coverage == nil)
        score.add(10, p50: 8, p90: 12, covered: 1, dayBefore: 9, weekBefore: 6)
        score.add(4, p50: 5, p90: 3, covered: 0.25, dayBefore: 9, weekBefore: 6)
        #expect(score.windows == 2)
        #expect(score.mean == 7)
        #expect(score.maseDay == 3.0 / 6)
        #expect(score.maseWeek == 3.0 / 6)
        #expect(score.pinball50 == (0.5 * 2 + 0.5 * 1) / 2)
        #expect(abs((score.pinball90 ?? 0) - (0.1 * 2 + 0.9 * 1) / 2) < 1e-12)
        #expect(score.coverage == 0.625)
        #expect(score.atOrUnderP90 == 0.5)
    }

    @Test func `scores of two series add up`() {
        var (one, other, both) = (ForecastScore(), ForecastScore(), ForecastScore())
        one.add(1, p50: 2, p90: 3, covered: 1, dayBefore: 0, weekBefore: 0)
        other.add(5, p50: 2, p90: 3, covered: 0, dayBefore: 1, weekBefore: 2)
        both.add(1, p50: 2, p90: 3, covered: 1, dayBefore: 0, weekBefore: 0)
        both.add(5, p50: 2, p90: 3, covered: 0, dayBefore: 1, weekBefore: 2)
        one.add(other)
        #expect(one == both)
    }
}
