import Contracts
import Testing
import Trends

@Suite("A shadow's life")
struct PlannerLifeTests {
    @Test("goes from provisioning to promotion when demand and telemetry are good")
    func promotion() {
        var harness = PlannerHarness()
        for _ in 0..<9 { harness.window(300) }
        #expect(
            harness.news() == [
                "shadow-provision 1: provisioning 0 single",
                "shadow-activation 2: dual-writing 0 dual",
                "read-routing-shift 3: ramping 50 dual",
                "read-routing-shift 4: ramping 250 dual",
                "read-routing-shift 5: ramping 500 dual",
                "read-routing-shift 6: ramping 1000 dual",
                "shadow-promotion 7: promoted 1000 dual",
            ])
        for _ in 0..<20 { harness.window(300) }
        #expect(harness.news().isEmpty)
        #expect(harness.phase == .promoted)
    }

    @Test("is provisioned once the share has held, and says why")
    func provision() {
        var harness = PlannerHarness()
        harness.window(100)
        harness.window(99)
        harness.window(100)
        #expect(harness.news().isEmpty)
        harness.window(104)
        #expect(
            harness.commands == [
                ShadowCommand(
                    type: .provision, source: 0, target: 1, epoch: 1, phase: .provisioning,
                    readShareMilli: 0, dualWrite: false, cohortSize: 104, cohortShareMilli: 104,
                    evidence: [
                        Evidence(figure: "share", valueMilli: 104, thresholdMilli: 100),
                        Evidence(figure: "cohort", valueMilli: 104_000, thresholdMilli: 10_000),
                        Evidence(figure: "forecastShare", valueMilli: 104, thresholdMilli: 150),
                        Evidence(figure: "forecastCohort", valueMilli: 104_000, thresholdMilli: 10_000),
                        Evidence(figure: "forecastWindows", valueMilli: 3_000, thresholdMilli: 3_000),
                    ], windowStart: 3 * hour, windowEnd: 4 * hour)
            ])
    }

    @Test("is not provisioned for a cohort that is too small, whatever its share")
    func smallCohort() {
        var harness = PlannerHarness()
        for _ in 0..<5 { harness.window([flow(0, 1, of: 10, high: 9)]) }
        #expect(harness.news().isEmpty)
    }

    @Test("is not provisioned at home")
    func home() {
        var harness = PlannerHarness()
        for _ in 0..<5 { harness.window([flow(0, 0, high: 900)]) }
        #expect(harness.news().isEmpty)
        #expect(harness.planner.shadows.isEmpty)
    }

    @Test("follows the volume where volume thresholds are set")
    func volume() {
        var harness = PlannerHarness {
            $0.provision.volume = 1_000
            $0.activate.volume = 2_000
            $0.leave.volume = 500
        }
        for _ in 0..<4 { harness.window(20, volume: 1_000) }
        #expect(harness.news() == ["shadow-provision 1: provisioning 0 single"])
        for _ in 0..<2 { harness.window(20, volume: 2_000) }
        #expect(
            harness.commands.first?.evidence.dropFirst().first
                == Evidence(figure: "anticipatedVolume", valueMilli: 2_000_000, thresholdMilli: 2_000_000))
        #expect(harness.news() == ["shadow-activation 2: dual-writing 0 dual"])
        for _ in 0..<8 { harness.window(20, volume: 500) }
        #expect(harness.phase == .promoted)
        for _ in 0..<2 { harness.window(20, volume: 499) }
        #expect(harness.phase == .rollingBack)
    }

    @Test("is populated once the target's telemetry says that the copy has caught up")
    func populated() {
        var harness = PlannerHarness()
        harness.window(120)
        harness.window(120)
        harness.window(120, without(1))
        harness.window(120, only(1) { $0.replicaLagMillis = 5_001 })
        harness.window(120, only(1) { $0.divergenceFound = -1 })
        #expect(harness.phase == .provisioning)
        harness.window(120, only(1) { $0.replicaLagMillis = 5_000 })
        #expect(harness.phase == .populated)
        #expect(harness.news().count == 1)
    }

    @Test("takes telemetry for current as long as its staleness allows")
    func staleness() {
        var harness = PlannerHarness {
            $0.telemetryStaleness = 3
            $0.populateWindows = 3
        }
        harness.window(120)
        harness.window(120)
        harness.window(120)
        for _ in 0..<2 { harness.window(120) { _ in nil } }
        #expect(harness.phase == .populated)
    }

    @Test("writes to both only when the activation share has held")
    func activation() {
        var harness = PlannerHarness()
        for share in [120, 120, 120, 150, 149, 150] as [Int64] { harness.window(share) }
        #expect(harness.phase == .populated)
        harness.window(150)
        #expect(harness.phase == .dualWriting)
        #expect(harness.commands.last?.evidence.first?.thresholdMilli == 150)
    }

    @Test("waits the dwell between steps")
    func dwell() {
        var harness = PlannerHarness { $0.dwellWindows = 3 }
        for _ in 0..<4 { harness.window(300) }
        #expect(harness.phase == .dualWriting)
        harness.window(300)
        harness.window(300)
        #expect(harness.phase == .dualWriting)
        harness.window(300)
        #expect(harness.commands.last?.readShareMilli == 50)
        for _ in 0..<3 { harness.window(300) }
        #expect(harness.commands.last?.readShareMilli == 250)
    }

    @Test("pauses without telemetry of target or source, and starts its dwell again")
    func pause() {
        var harness = PlannerHarness { $0.dwellWindows = 2 }
        for _ in 0..<6 { harness.window(300) }
        #expect(harness.commands.last?.readShareMilli == 50)
        harness.commands = []
        harness.window(300)
        harness.window(300, without(1))
        harness.window(300)
        harness.window(300, without(0))
        harness.window(300)
        harness.window(300, only(1) { $0.errors = 1_001 })
        harness.window(300, only(0) { $0.latencyP50Micros = 10_001 })
        for _ in 0..<50 { harness.window(300) { _ in nil } }
        harness.window(300)
        #expect(harness.news().isEmpty)
        harness.window(300)
        #expect(harness.news() == ["read-routing-shift 4: ramping 250 dual"])
    }

    @Test("is left for good when the share stays low, from every phase", arguments: 2...9)
    func leaving(windows: Int) {
        var harness = PlannerHarness { $0.coolDownWindows = 0 }
        for _ in 0..<windows { harness.window(300) }
        let wrote = harness.planner.shadows.first?.dualWrite == true
        let epoch = harness.planner.shadows.first?.epoch ?? 0
        harness.commands = []
        harness.window(49) { _ in nil }
        harness.window(49) { _ in nil }
        let evidence = [Evidence(figure: "share", valueMilli: 49, thresholdMilli: 50)]
        #expect(harness.commands.last?.evidence == evidence)
        harness.window(0)
        #expect(
            harness.news() == [
                "shadow-rollback \(epoch + 1): rolling-back 0 \(wrote ? "dual" : "single")",
                "shadow-retirement \(epoch + 2): retired 0 single",
            ])
    }

    @Test("does not flap between the thresholds")
    func hysteresis() {
        var harness = PlannerHarness()
        for _ in 0..<9 { harness.window(160) }
        #expect(harness.phase == .promoted)
        harness.commands = []
        for round in 0..<100 as Range<Int64> { harness.window(round % 2 == 0 ? 50 : 400) }
        for round in 0..<100 as Range<Int64> { harness.window(round % 2 == 0 ? 10 : 60) }
        #expect(harness.news().isEmpty)
        var fresh = PlannerHarness()
        for round in 0..<100 as Range<Int64> { fresh.window(round % 2 == 0 ? 400 : 90) }
        #expect(fresh.news().isEmpty)
    }

    @Test("is kept for its rest when the demand it was provisioned for falls at once, and takes no step")
    func rest() {
        var harness = PlannerHarness { $0.coolDownWindows = 8 }
        for _ in 0..<5 { harness.window(300) }
        #expect(harness.news().last == "read-routing-shift 3: ramping 50 dual")
        harness.window(0)
        #expect(harness.news() == ["read-routing-shift 4: ramping 250 dual"])
        for _ in 0..<3 { harness.window(0) }
        #expect(harness.news().isEmpty)
        harness.window(0)
        #expect(harness.news() == ["shadow-rollback 5: rolling-back 0 dual"])
    }

    @Test("cools down before it is provisioned again, and its epoch goes on")
    func coolDown() {
        var harness = PlannerHarness()
        for _ in 0..<3 { harness.window(120) }
        for _ in 0..<3 { harness.window(0) }
        #expect(harness.news().last == "shadow-retirement 3: retired 0 single")
        for _ in 0..<2 { harness.window(300) }
        #expect(harness.news().isEmpty)
        harness.window(300)
        #expect(harness.news() == ["shadow-provision 4: provisioning 0 single"])
    }
}
