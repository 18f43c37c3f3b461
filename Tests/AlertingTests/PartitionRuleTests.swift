import Alerting
import Contracts
import Testing

/// The rules about partitions.
@Suite struct PartitionRuleTests {
    private static func busy(_ sample: Telemetry) -> Telemetry {
        var sample = sample
        if sample.partition == 0 { sample.utilisationMilli = 930 }
        return sample
    }

    @Test func `a bottleneck fires when it has held, names its partition, and ends when it has ended`() throws
    {
        var harness = try AlertHarness()
        harness.run(5)
        harness.run(2, Self.busy)
        #expect(harness.alerts == [])
        let fired = harness.window(Self.busy)
        #expect(
            fired == [
                Alert(
                    rule: "bottleneck:eu-west", severity: .warning, state: .firing,
                    since: harness.end - 2 * AlertHarness.hour,
                    what: "eu-west uses 93 % of its capacity, more than 85 %",
                    figures: [AlertFigure("utilisation", valueMilli: 930, thresholdMilli: 850)])
            ])
        #expect(harness.evaluator.firing == fired)
        harness.run(10, Self.busy)
        harness.run(2)
        #expect(harness.alerts.count == 1)
        let ended = try #require(harness.window().first)
        #expect([ended].short == ["bottleneck:eu-west resolved"])
        #expect(ended.since == harness.end - 2 * AlertHarness.hour)
        #expect(ended.what == "No more: eu-west uses 93 % of its capacity, more than 85 %")
        #expect(harness.evaluator.firing == [])
    }

    @Test func `what goes up and down around a limit does not flap`() throws {
        var harness = try AlertHarness()
        for step in 0..<60 { harness.window(step % 3 < 2 ? Self.busy : { $0 }) }
        #expect(harness.alerts == [])
        harness.run(3, Self.busy)
        for step in 0..<60 { harness.window(step % 3 < 2 ? { $0 } : Self.busy) }
        #expect(harness.alerts.short == ["bottleneck:eu-west firing"])
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `noise, days and nights fire nothing in half a year`(seed: UInt64) throws {
        var harness = try AlertHarness(seed: seed)
        harness.run(4_400)
        #expect(harness.alerts.short == [], "seed \(seed)")
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `neither do weekends, nor spikes that come alone`(seed: UInt64) throws {
        var (harness, random) = (try AlertHarness(seed: seed), SeededGenerator(seed: seed + 100))
        for hour in 0..<3_000 {
            let isWeekend = hour / 24 % 7 >= 5
            harness.window {
                var sample = $0
                if isWeekend { sample.reads = sample.reads * 6 / 10 }
                if Int.random(in: 0..<50, using: &random) == 0 { sample.latencyP99Micros *= 6 }
                if Int.random(in: 0..<50, using: &random) == 0 { sample.reads *= 4 }
                return sample
            }
        }
        #expect(harness.alerts.short == [], "seed \(seed)")
    }

    @Test(arguments: [
        (AlertRule.anomalyLoad, 300, 100, 100), (.anomalyLoad, 10, 100, 100),
        (.anomalyLatency, 100, 300, 100),
        (.anomalyErrors, 100, 100, 1_500),
    ])
    func `what is far from its own past fires, and ends with it`(
        rule: AlertRule, load: Int64, latency: Int64, errors: Int64
    ) throws {
        // The budget would speak of errors too; here it is large.
        var harness = try AlertHarness(seed: 6) { $0.budget.perMillion = 100_000 }
        func disturbed(_ sample: Telemetry) -> Telemetry {
            var sample = sample
            guard sample.partition == 1 else { return sample }
            sample.reads = sample.reads * load / 100
            sample.writes = sample.writes * load / 100
            sample.latencyP99Micros = sample.latencyP99Micros * latency / 100
            sample.errors = sample.errors * load / 100 * errors / 100
            return sample
        }
        harness.run(400)
        harness.run(2, disturbed)
        #expect(harness.alerts == [], "not before it has held")
        harness.run(8, disturbed)
        #expect(harness.alerts.short == ["\(rule.rawValue):us-east firing"])
        #expect(harness.alerts.first?.severity == .info)
        harness.run(10)
        #expect(
            harness.alerts.short == ["\(rule.rawValue):us-east firing", "\(rule.rawValue):us-east resolved"])
    }

    @Test func `an anomaly that stays becomes the new normal`() throws {
        var harness = try AlertHarness(seed: 7)
        harness.run(400)
        harness.run(200) {
            var sample = $0
            sample.latencyP99Micros *= 3
            return sample
        }
        for partition in ["eu-west", "us-east", "ap"] {
            let own = harness.alerts.filter { $0.rule == "anomaly-latency:\(partition)" }
            #expect(own.map(\.state) == [.firing, .resolved])
        }
    }

    @Test
    func `missing telemetry fires for partitions that were heard or have an open shadow, and nothing else`()
        throws
    {
        var harness = try AlertHarness()
        func silent(_ sample: Telemetry) -> Telemetry? { sample.partition == 2 ? sample : nil }
        harness.run(10, silent)
        #expect(harness.alerts == [], "nothing was ever heard of the others")
        harness.evaluator.observe(harness.command(1, .provisioning))
        harness.run(3, silent)
        #expect(
            harness.alerts.short == ["telemetry-missing:eu-west firing", "telemetry-missing:us-east firing"])
        harness.window()
        #expect(
            harness.alerts.suffix(2).short == [
                "telemetry-missing:eu-west resolved", "telemetry-missing:us-east resolved",
            ])
    }

    @Test func `malformed, repeated and late telemetry does not count, and early telemetry waits`() throws {
        var harness = try AlertHarness()
        harness.window { $0.partition == 2 ? nil : $0 }
        var sample = Telemetry(
            partition: 0, time: harness.end + 5, reads: 10, writes: 0, errors: 11, latencyP50Micros: 1,
            latencyP99Micros: 1, utilisationMilli: 1, replicaLagMillis: 0, divergenceSampled: 0,
            divergenceFound: 0)
        #expect(harness.evaluator.observe(sample) == false, "more errors than requests")
        sample.errors = 0
        #expect(harness.evaluator.observe(sample) == true)
        #expect(harness.evaluator.observe(sample) == false, "twice")
        (sample.partition, sample.time) = (2, harness.end - 1)
        #expect(harness.evaluator.observe(sample) == false, "its window was evaluated")
        sample.partition = 3
        #expect(harness.evaluator.observe(sample) == false, "no such partition")
        sample.partition = 1
        for window in 0..<64 as Range<Int64> {
            sample.time = harness.end + window * AlertHarness.hour + 1
            sample.utilisationMilli = window < 60 ? 500 : 900
            #expect(harness.evaluator.observe(sample) == true)
        }
        sample.time += AlertHarness.hour
        #expect(harness.evaluator.observe(sample) == false, "one window too many waits")
        harness.alerts = (0..<63).flatMap { window in
            harness.evaluator.evaluate(windowEnd: harness.end + Int64(window + 1) * AlertHarness.hour)
        }
        let bottlenecks = harness.alerts.filter { $0.rule == "bottleneck:us-east" }
        #expect(bottlenecks.map(\.since) == [harness.end + 61 * AlertHarness.hour])
    }
}
