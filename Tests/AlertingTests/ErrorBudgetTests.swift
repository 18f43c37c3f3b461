import Alerting
import Contracts
import Testing

/// Burn rates over several windows, in event time.
@Suite struct ErrorBudgetTests {
    /// Minutes, so that the limits' short windows are windows of their own; nothing else is to fire.
    private func harness() throws -> AlertHarness {
        try AlertHarness(seed: 11) {
            $0.windowMillis = 60_000
            $0.anomaly.warmUpWindows = 10_000
        }
    }

    private static func failing(_ perMillion: Int64) -> (Telemetry) -> Telemetry {
        {
            var sample = $0
            sample.errors =
                (sample.reads + sample.writes) * (sample.partition == 0 ? perMillion : 0) / 1_000_000
            return sample
        }
    }

    @Test func `a burst that spends two per cent of the month fires at once, and ends soon after it`() throws
    {
        var harness = try harness()
        harness.run(600, Self.failing(200))
        // 5 % of requests fail: 50 times the budget. After 18 minutes of it an hour is at 14.4 times.
        harness.run(16, Self.failing(50_000))
        #expect(harness.alerts.short == [])
        harness.run(4, Self.failing(50_000))
        #expect(harness.alerts.short == ["error-budget-fast:eu-west firing"])
        #expect(harness.alerts.first?.severity == .critical)
        #expect(harness.alerts.first?.figures.map(\.thresholdMilli) == [14_400, 14_400])
        // The hour is still over its limit, the five minutes are not; half an hour over six times must end too.
        harness.run(60, Self.failing(200))
        let fast = harness.alerts.filter { $0.rule == "error-budget-fast:eu-west" }
        #expect(fast.map(\.state) == [.firing, .resolved])
        let took = try #require(fast.last).since - harness.end + 60 * 60_000
        #expect((60_000...30 * 60_000).contains(took))
    }

    @Test func `a slow burn fires as a warning only`() throws {
        var harness = try harness()
        harness.run(4_320 + 360, Self.failing(1_500))
        #expect(harness.alerts.short == ["error-budget-slow:eu-west firing"])
        harness.run(400, Self.failing(100))
        #expect(
            harness.alerts.short == [
                "error-budget-slow:eu-west firing", "error-budget-slow:eu-west resolved",
            ])
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `errors around nine tenths of the budget fire nothing`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var harness = try harness()
        for _ in 0..<5_000 {
            let perMillion = random.noisy(900, 0.3)
            harness.window(Self.failing(perMillion))
        }
        #expect(harness.alerts.short == [], "seed \(seed)")
    }

    @Test func `a few failed requests of few fire nothing`() throws {
        var harness = try harness()
        harness.run(300) {
            var sample = $0
            (sample.reads, sample.writes, sample.errors) = (1, 0, 0)
            return sample
        }
        harness.run(9) {
            var sample = $0
            (sample.reads, sample.writes, sample.errors) = (1, 0, 1)
            return sample
        }
        #expect(harness.alerts.short == [])
    }

    @Test func `windows of an hour take the place of what is shorter`() throws {
        var harness = try AlertHarness(seed: 12)
        harness.run(20, Self.failing(200))
        harness.window(Self.failing(50_000))
        #expect(harness.alerts.short.contains("error-budget-fast:eu-west firing"))
    }
}
