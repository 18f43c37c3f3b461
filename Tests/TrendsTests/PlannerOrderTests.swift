import Contracts
import Testing
import Trends

/// Operators' orders, as the planner follows them.
@Suite struct PlannerOrderTests {
    private func give(
        _ kind: OrderKind, to harness: inout PlannerHarness, number: Int64 = 0, target: PartitionIndex = 1
    ) {
        let order = ShadowOrder(
            id: "order-\(number)", time: 0, kind: kind, source: 0, target: target, by: "ada",
            reason: "because")
        harness.planner.receive(order, number: number) { harness.commands.append($0) }
    }

    private func refusals(_ harness: inout PlannerHarness) -> [OrderRefusal?] {
        harness.planner.takeDecidedOrders().map(\.refusal)
    }

    @Test func `a paused shadow takes no step until it is resumed, and the commands say by whom`() {
        var harness = PlannerHarness()
        harness.startRamp()
        give(.pause, to: &harness)
        #expect(harness.commands.isEmpty, "an order waits for its window")
        for _ in 0..<5 { harness.window(300) }
        #expect(harness.commands.map(\.type) == [.pause])
        #expect(harness.commands.first?.isPaused == true)
        #expect(harness.commands.first?.order == OrderNote(id: "order-0", by: "ada", reason: "because"))
        #expect(harness.planner.shadows.first?.isPaused == true)
        #expect(harness.news() == ["shadow-pause 4: ramping 50 dual"])
        give(.resume, to: &harness)
        harness.window(300)
        #expect(
            harness.news() == [
                "shadow-resume 5: ramping 50 dual", "read-routing-shift 6: ramping 250 dual",
            ])
        #expect(refusals(&harness) == [nil, nil])
    }

    @Test func `a paused shadow still steps back when a guard is broken`() {
        var harness = PlannerHarness()
        harness.startRamp()
        harness.window(300)
        give(.pause, to: &harness)
        harness.window(300)
        harness.commands = []
        harness.window(300, only(1) { $0.utilisationMilli = 2_000 })
        #expect(harness.news() == ["read-routing-shift 6: ramping 125 dual"])
    }

    @Test func `a pinned shadow outlives its demand, until it is unpinned`() {
        var harness = PlannerHarness()
        for _ in 0..<9 { harness.window(300) }
        give(.pin, to: &harness)
        harness.window(300)
        harness.commands = []
        for _ in 0..<10 { harness.window(0) }
        #expect(harness.news().isEmpty)
        give(.unpin, to: &harness)
        harness.window(0)
        #expect(
            harness.news() == [
                "shadow-unpin 9: promoted 1000 dual", "shadow-rollback 10: rolling-back 0 dual",
            ])
    }

    @Test func `a promotion by order skips the ramp, on the figures of its window`() {
        var harness = PlannerHarness()
        for _ in 0..<4 { harness.window(300) }
        #expect(harness.phase == .dualWriting)
        give(.promote, to: &harness)
        harness.commands = []
        harness.window(300)
        #expect(harness.commands.first?.evidence.map(\.figure).contains("replicaLagMillis") == true)
        #expect(harness.news() == ["shadow-promotion 3: promoted 1000 dual"])
    }

    @Test func `a promotion without good telemetry in its window is refused`() {
        var harness = PlannerHarness()
        harness.startRamp()
        give(.promote, to: &harness, number: 1)
        harness.window(300, without(1))
        give(.promote, to: &harness, number: 2)
        harness.window(300, only(1) { $0.divergenceFound = 5 })
        #expect(refusals(&harness) == [.notVerified, .notVerified])
        #expect(harness.phase != .promoted)
    }

    @Test(arguments: 2...10)
    func `an order rolls back from every phase, and two windows later it is over`(windows: Int) {
        var harness = PlannerHarness()
        for _ in 0..<windows { harness.window(300) }
        let epoch = harness.planner.shadows.first?.epoch ?? 0
        let wrote = harness.planner.shadows.first?.dualWrite == true
        harness.commands = []
        give(.rollBack, to: &harness)
        harness.window(300)
        harness.window(300)
        #expect(
            harness.news() == [
                "shadow-rollback \(epoch + 1): rolling-back 0 \(wrote ? "dual" : "single")",
                "shadow-retirement \(epoch + 2): retired 0 single",
            ])
    }

    @Test func `an order that does not fit is refused, and says why`() {
        var harness = PlannerHarness()
        harness.window(300)
        give(.pause, to: &harness)
        give(.pause, to: &harness, target: 3)
        harness.window(300)
        give(.resume, to: &harness)
        give(.unpin, to: &harness)
        give(.promote, to: &harness)
        give(.rollBack, to: &harness)
        give(.pin, to: &harness)
        harness.window(300)
        #expect(
            refusals(&harness) == [
                .noShadow, .noShadow, .notPaused, .notPinned, .notPromotable, nil, .rollingBack,
            ])
    }

    @Test func `more orders than may wait are refused`() {
        var harness = PlannerHarness { $0.maximumWaitingOrders = 2 }
        for _ in 0..<3 { harness.window(300) }
        for number in 0..<3 as Range<Int64> { give(.pause, to: &harness, number: number) }
        #expect(refusals(&harness) == [.tooManyWaiting])
    }

    @Test func `an order counts into the window the telemetry is in, however far the trends are`() {
        // Telemetry of three windows comes before any of their trends; the order stands in the second's.
        func commands(trendsFirst: Bool) -> [ShadowCommand] {
            var harness = PlannerHarness()
            harness.startRamp()
            let start = harness.windows * hour
            var commands: [ShadowCommand] = []
            func telemetry(_ window: Int64) {
                for partition in 0..<4 as Range<PartitionIndex> {
                    harness.planner.receive(goodTelemetry(partition, at: start + window * hour + 1)) {
                        commands.append($0)
                    }
                }
            }
            func trends(_ window: Int64) {
                let record = trendRecord(windowEnd: start + (window + 1) * hour, [flow(0, 1, high: 300)])
                harness.planner.receive(record) { commands.append($0) }
            }
            if trendsFirst { for window in 0..<4 as Range<Int64> { trends(window) } }
            telemetry(0)
            telemetry(1)
            give(.pause, to: &harness)
            commands += harness.commands
            telemetry(2)
            telemetry(3)
            if !trendsFirst { for window in 0..<4 as Range<Int64> { trends(window) } }
            return commands
        }
        let late = commands(trendsFirst: false)
        #expect(late == commands(trendsFirst: true))
        #expect(late.map(\.summary).contains("shadow-pause 5: ramping 250 dual"))
    }

    @Test func `an order that waits is in the snapshot`() throws {
        var harness = PlannerHarness()
        harness.startRamp()
        give(.rollBack, to: &harness, number: 7)
        var random = SeededGenerator(seed: 1)
        var topic = PlannerTopic()
        topic.save(&harness.planner)
        var copy = harness
        copy.planner = PlannerHarness().planner
        try topic.restore(&copy.planner, &random)
        harness.window(300)
        copy.window(300)
        #expect(copy.commands == harness.commands)
        #expect(copy.news() == ["shadow-rollback 4: rolling-back 0 dual"])
        #expect(copy.planner.takeDecidedOrders() == harness.planner.takeDecidedOrders())
    }
}
