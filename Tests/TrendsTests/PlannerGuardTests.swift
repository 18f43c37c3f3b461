import Contracts
import Testing
import Trends

@Suite("The guards of the ramp")
struct PlannerGuardTests {
    struct Breach: Sendable, CustomTestStringConvertible {
        let figure: String
        let testDescription: String
        let change: @Sendable (inout Telemetry) -> Void
        let evidence: Evidence

        init(
            _ figure: String, value: Int64, threshold: Int64,
            _ change: @escaping @Sendable (inout Telemetry) -> Void
        ) {
            self.figure = figure
            testDescription = figure
            self.change = change
            evidence = Evidence(figure: figure, valueMilli: value, thresholdMilli: threshold)
        }
    }

    static let breaches = [
        Breach("errorRate", value: 11, threshold: 10) { ($0.reads, $0.errors) = (999_900, 10_001) },
        Breach("latencyP99Micros", value: 20_001_000, threshold: 20_000_000) { $0.latencyP99Micros = 20_001 },
        Breach("replicaLagMillis", value: 5_001_000, threshold: 5_000_000) { $0.replicaLagMillis = 5_001 },
        Breach("divergence", value: 2, threshold: 1) { $0.divergenceFound = 2 },
        Breach("utilisation", value: 851, threshold: 850) { $0.utilisationMilli = 851 },
    ]

    @Test("each stop the first step, and roll back at the lowest one", arguments: breaches)
    func each(breach: Breach) {
        var harness = PlannerHarness()
        for _ in 0..<4 { harness.window(300) }
        harness.commands = []
        for _ in 0..<3 { harness.window(300, only(1, breach.change)) }
        #expect(harness.news().isEmpty)
        harness.window(300)
        #expect(harness.news() == ["read-routing-shift 3: ramping 50 dual"])
        harness.window(300, only(1, breach.change))
        #expect(harness.commands.map(\.evidence) == [[breach.evidence]])
        #expect(harness.news() == ["shadow-rollback 4: rolling-back 0 dual"])
        harness.window(300, only(1, breach.change))
        #expect(harness.news() == ["shadow-retirement 5: retired 0 single"])
    }

    @Test("are good exactly at their limits, and say so")
    func limits() {
        var harness = PlannerHarness()
        harness.startRamp()
        harness.window(
            300,
            only(1) {
                $0.errors = 18
                $0.latencyP99Micros = 20_000
                $0.replicaLagMillis = 5_000
                $0.divergenceFound = 1
                $0.utilisationMilli = 850
            })
        #expect(harness.commands.first?.readShareMilli == 250)
        #expect(harness.commands.first?.evidence.count == 5)
        #expect(harness.commands.first?.evidence.allSatisfy { $0.valueMilli == $0.thresholdMilli } == true)
    }

    @Test("halve the read share at once, and roll back at the second breach in a row")
    func halves() {
        var harness = PlannerHarness()
        harness.startRamp()
        for _ in 0..<2 { harness.window(300) }
        harness.commands = []
        let slow = only(1) { $0.latencyP99Micros = 90_000 }
        harness.window(300, slow)
        #expect(harness.news() == ["read-routing-shift 6: ramping 250 dual"])
        // Up again is a turn, for which it rests three windows.
        for _ in 0..<2 { harness.window(300) }
        #expect(harness.news().isEmpty)
        harness.window(300)
        #expect(harness.news() == ["read-routing-shift 7: ramping 500 dual"])
        harness.window(300, slow)
        harness.window(300) { _ in nil }
        harness.window(300, slow)
        #expect(
            harness.news() == [
                "read-routing-shift 8: ramping 250 dual", "shadow-rollback 9: rolling-back 0 dual",
            ])
    }

    @Test(
        "take few errors of few requests for chance, and as many of many for a breach",
        arguments: [(50, 1, false), (50, 3, false), (50, 4, true), (10, 10, true), (1_000_000, 10_001, true)])
    func chance(requests: Int64, errors: Int64, isBreach: Bool) {
        var harness = PlannerHarness()
        harness.startRamp()
        harness.window(300, only(1) { ($0.reads, $0.writes, $0.errors) = (requests, 0, errors) })
        #expect(harness.commands.first?.type == (isBreach ? .rollback : .readRoutingShift))
    }

    @Test("hold after the promotion, too")
    func promoted() {
        var harness = PlannerHarness()
        for _ in 0..<9 { harness.window(300) }
        #expect(harness.news().last == "shadow-promotion 7: promoted 1000 dual")
        let slow = only(1) { $0.latencyP99Micros = 90_000 }
        harness.window(300, slow)
        #expect(harness.news() == ["read-routing-shift 8: ramping 500 dual"])
        harness.window(300, slow)
        #expect(harness.news() == ["shadow-rollback 9: rolling-back 0 dual"])
    }

    @Test("never leave less than the lowest step when they halve")
    func halfOfTheSecond() {
        var harness = PlannerHarness { $0.rampStepsMilli = [50, 60, 1_000] }
        harness.startRamp()
        harness.window(300)
        harness.window(300, only(1) { $0.utilisationMilli = 2_000 })
        #expect(harness.commands.last?.readShareMilli == 50)
    }

    @Test("sum counts and take the worst latency of a window")
    func severalSamples() {
        var harness = PlannerHarness()
        harness.startRamp()
        let start = harness.windows * hour
        for (second, errors, latency) in [(10, 12, 1_000), (20, 0, 24_000), (30, 0, 1_000)]
            as [(Int64, Int64, Int64)]
        {
            var sample = goodTelemetry(1, at: start + second)
            sample.errors = errors
            sample.latencyP50Micros = 500
            sample.latencyP99Micros = latency
            harness.planner.receive(sample) { _ in }
        }
        harness.window(300, without(1))
        #expect(
            harness.commands.first?.evidence
                == [Evidence(figure: "latencyP99Micros", valueMilli: 24_000_000, thresholdMilli: 20_000_000)])
    }

    @Test("survive figures of any size", arguments: [Int64.min, -1, 0, .max])
    func hostile(figure: Int64) {
        var harness = PlannerHarness()
        harness.startRamp()
        for _ in 0..<3 {
            harness.window([
                flow(0, 1, of: figure, high: figure, volume: figure), flow(2, 3, of: 1, high: .max),
            ]) {
                Telemetry(
                    partition: $0.partition, time: $0.time, reads: figure, writes: figure, errors: figure,
                    latencyP50Micros: figure, latencyP99Micros: figure, utilisationMilli: figure,
                    replicaLagMillis: figure, divergenceSampled: figure, divergenceFound: figure)
            }
        }
        harness.planner.receive(
            trendRecord(windowEnd: .max, [flow(9, 9, high: 1)])
        ) { _ in }
        let ignored = harness.planner.ignored
        harness.planner.telemetryMark(completeThrough: .max, idle: false) { _ in }
        #expect(harness.planner.ignored == ignored + 1, "no telemetry is near it")
        harness.planner.telemetryMark(completeThrough: nil, idle: true) { _ in }
        #expect(harness.planner.evaluations < 40)
        #expect(harness.planner.plannedThrough ?? 0 > 1 << 60)
    }
}
