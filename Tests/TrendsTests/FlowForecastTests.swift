import Contracts
import Testing
import Trends

/// What is done about demand that has not come yet.
@Suite("A flow that is forecast")
struct FlowForecastTests {
    /// A home of 1,000 customers who make 100 accesses an hour, a growing part of them from partition 1.
    private struct Launch {
        var harness: PlannerHarness
        var total: Int64 = 0
        var hours: Int64 = 0

        init(_ configure: (inout PlannerConfiguration) -> Void = { _ in }) {
            harness = PlannerHarness(configure)
        }

        /// An hour in which `share` thousandths of the accesses are from partition 1; the customers for whom it is
        /// high are `high` thousandths, and what is anticipated believes in them only.
        mutating func hour(_ share: Int64, high: Int64 = 0) {
            hours += 1
            total += (100 * share + 500) / 1_000
            harness.window([
                flow(0, 0, high: 1_000 - high, anticipated: 2_400 * (1_000 - high)),
                flow(0, 1, high: high, anticipated: 2_400 * high, accesses: total),
            ])
        }
    }

    @Test("gets its shadow before its demand is there, and long before customers are high")
    func ahead() throws {
        var launch = Launch()
        for _ in 0..<72 { launch.hour(10) }
        #expect(launch.harness.news().isEmpty)
        var share: Int64 = 10
        while launch.harness.commands.isEmpty, share < 400 {
            share += 5
            launch.hour(share)
        }
        #expect(launch.harness.phase == .provisioning)
        #expect(share < 150, "the true share is at \(share) thousandths")
        let evidence = try #require(launch.harness.commands.first).evidence
        let forecast = try #require(evidence.first { $0.figure == "forecastShare" })
        #expect(forecast.valueMilli >= 150 && forecast.thresholdMilli == 150)
        #expect(evidence.first { $0.figure == "share" }?.valueMilli == 0)
    }

    @Test("keeps its shadow until it is activated by what is measured")
    func activation() {
        var launch = Launch()
        for _ in 0..<72 { launch.hour(10) }
        for step in 0..<60 as Range<Int64> { launch.hour(min(10 + step * 5, 300)) }
        #expect(launch.harness.news() == ["shadow-provision 1: provisioning 0 single"])
        for _ in 0..<48 { launch.hour(300) }
        #expect(launch.harness.phase == .populated)
        for _ in 0..<2 { launch.hour(300, high: 200) }
        #expect(launch.harness.news().first == "shadow-activation 2: dual-writing 0 dual")
    }

    @Test("gives its shadow up when what was forecast did not come")
    func noShow() {
        var launch = Launch()
        for _ in 0..<72 { launch.hour(10) }
        for step in 0..<40 as Range<Int64> { launch.hour(10 + step * 5) }
        #expect(launch.harness.phase == .populated)
        for _ in 0..<96 { launch.hour(10) }
        #expect(launch.harness.phase == .retired)
        #expect(!launch.harness.news().contains { $0.contains("activation") })
    }

    @Test("is left alone while nothing changes, however its hours differ")
    func daily() {
        var launch = Launch()
        for day in 0..<30 {
            for hour in 0..<24 { launch.hour(hour == 14 ? 700 : day % 7 < 5 && hour > 9 ? 60 : 10) }
        }
        #expect(launch.harness.news().isEmpty)
    }

    @Test(
        "that is first heard of after days in which its home was is forecast at once, as it had no accesses")
    func new() throws {
        var launch = Launch()
        for _ in 0..<96 { launch.harness.window([flow(0, 0, high: 1_000, anticipated: 2_400_000)]) }
        var share: Int64 = 0
        while launch.harness.commands.isEmpty, share < 400 {
            share += 5
            launch.hour(share)
        }
        #expect(launch.harness.phase == .provisioning)
        #expect(share < 150, "the true share is at \(share) thousandths")
    }

    @Test(
        "counts more customers than accesses, as they make a part of theirs elsewhere",
        arguments: [1_000, 500])
    func part(milli: Int64) throws {
        var launch = Launch { $0.highPartMilli = milli }
        for _ in 0..<96 { launch.hour(90) }
        let isCalled = !launch.harness.commands.isEmpty
        #expect(
            isCalled == (milli == 500),
            "9 % of the accesses are 18 % of the customers if each makes half there")
    }

    @Test("is not trusted before a forecast was held against what came")
    func early() {
        var launch = Launch()
        for _ in 0..<30 { launch.hour(600) }
        #expect(launch.harness.news().isEmpty)
    }

    @Test("counts nothing when its source counts from 0 again")
    func recount() {
        var launch = Launch()
        for _ in 0..<100 { launch.hour(10) }
        launch.total = 0
        for _ in 0..<100 { launch.hour(10) }
        #expect(launch.harness.news().isEmpty)
    }

    @Test("takes a silence for hours without accesses")
    func silence() {
        var launch = Launch()
        for _ in 0..<72 { launch.hour(100) }
        var same = launch
        for _ in 0..<20 { launch.hour(0) }
        // Nobody says anything for 20 hours: the planner skips them.
        var record = trendRecord(windowEnd: 92 * 3_600_000, [])
        record.idle = true
        same.harness.planner.telemetryMark(completeThrough: nil, idle: true) { _ in }
        same.harness.planner.receive(record) { _ in }
        #expect(same.harness.planner.plannedThrough == launch.harness.planner.plannedThrough)
        #expect(same.harness.planner.evaluations < launch.harness.planner.evaluations)
        same.harness.windows = launch.harness.windows
        for step in 0..<60 as Range<Int64> {
            launch.hour(step * 10)
            same.hour(step * 10)
        }
        #expect(same.harness.commands == launch.harness.commands)
        #expect(launch.harness.news() == ["shadow-provision 1: provisioning 0 single"])
    }
}
