import Contracts
import Forecasting
import Testing

/// Two views become one that is not worse than either.
@Suite struct ReconciliationTests {
    private static let seeds: [UInt64] = [31, 32, 33]

    @Test(arguments: seeds)
    func `the view with the smaller errors weighs more, and both together err least`(seed: UInt64) {
        var random = SeededSeries(seed: seed)
        var reconciliation = Reconciliation(ForecastConfiguration(), horizon: 3)
        var waiting: [(forecast: Forecast, above: Double, below: Double)] = []
        var (above, below, both, covered, scored) = (0.0, 0.0, 0.0, 0.0, 0)
        var truths = (0..<2_003).map { _ in Int64.random(in: 900...1_100, using: &random) }
        truths.append(0)
        for now in 0..<2_000 {
            let ahead = Double(truths[now + 3])
            let views = (
                above: ahead + Double.random(in: -90...90, using: &random),
                below: ahead + Double.random(in: -60...60, using: &random)
            )
            let forecast = reconciliation.observe(truths[now], above: views.above, below: views.below)
            waiting.append((forecast, views.above, views.below))
            guard now >= 500 else { continue }
            let truth = Double(truths[now])
            let due = waiting[now - 3]
            above += (truth - due.above) * (truth - due.above)
            below += (truth - due.below) * (truth - due.below)
            both += (truth - due.forecast.mean) * (truth - due.forecast.mean)
            covered += due.forecast.covered(truth)
            scored += 1
        }
        // Variances are as 90^2 to 60^2.
        #expect((0.25...0.37).contains(reconciliation.weightAbove), "seed \(seed)")
        #expect(both < 0.85 * min(above, below), "seed \(seed)")
        #expect((0.88...0.92).contains(covered / Double(scored)), "seed \(seed)")
    }

    @Test func `views weigh the same while nothing is known, and what is no number counts as 0`() {
        var reconciliation = Reconciliation(ForecastConfiguration(), horizon: 1)
        #expect(reconciliation.weightAbove == 0.5)
        #expect(reconciliation.observe(10, above: 8, below: 12).mean == 10)
        #expect(reconciliation.observe(10, above: .nan, below: -1).mean == 0)
    }

    @Test func `a reconciliation read from its bytes goes on as the one that wrote them`() throws {
        var random = SeededSeries(seed: 34)
        var original = Reconciliation(ForecastConfiguration(), horizon: 4)
        for _ in 0..<50 {
            let value = Int64.random(in: 0...100, using: &random)
            _ = original.observe(value, above: Double(value) + 1, below: 30)
        }
        var writer = StateWriter()
        original.encode(into: &writer)
        var reader = StateReader(writer.written)
        var copy = try Reconciliation(ForecastConfiguration(), horizon: 4, &reader)
        try reader.finish()
        #expect(copy == original)
        #expect(copy.observe(7, above: 5, below: 6) == original.observe(7, above: 5, below: 6))
        var again = StateReader(writer.written)
        do {
            _ = try Reconciliation(ForecastConfiguration(), horizon: 5, &again)
            Issue.record("it was read with another horizon")
        } catch { #expect(error == .otherShape("a horizon of 4 windows, not 5")) }
    }
}
