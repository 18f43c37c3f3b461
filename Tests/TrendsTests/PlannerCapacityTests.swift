import Contracts
import Testing
import Trends

@Suite("The planner under load")
struct PlannerCapacityTests {
    private func flows(high: (PartitionIndex, PartitionIndex) -> Int64) -> [Flow] {
        (0..<24 as Range<PartitionIndex>).flatMap { home in
            (0..<24 as Range<PartitionIndex>).map { flow(home, $0, high: high(home, $0)) }
        }
    }

    @Test("opens the largest cohorts first, ties by index, and no more than it may")
    func maximum() {
        var harness = PlannerHarness {
            $0.maximumOpenShadows = 3
            $0.coolDownWindows = 0
        }
        let flows = [
            flow(0, 1, high: 200), flow(0, 2, high: 300), flow(1, 2, high: 200), flow(3, 0, high: 400),
            flow(3, 1, high: 200),
        ]
        for _ in 0..<6 { harness.window(flows) }
        let opened = harness.commands.filter { $0.type == .provision }.map { [$0.source, $0.target] }
        #expect(opened == [[3, 0], [0, 2], [0, 1]])
        harness.commands = []
        for _ in 0..<3 { harness.window([flow(0, 2, high: 0)]) }
        let next = harness.commands.filter { $0.type == .provision }.map { [$0.source, $0.target] }
        #expect(next == [[1, 2]])
    }

    @Test("skips a year in which nothing can happen", arguments: [0, 300] as [Int64])
    func longGap(high: Int64) {
        var planner = Planner(configuration: PlannerConfiguration(), partitions: 24)
        var commands = 0
        let year = 8_760 * hour
        planner.telemetryMark(completeThrough: nil, idle: true) { _ in }
        planner.receive(trendRecord(windowEnd: hour, flows { _, _ in high })) { _ in commands += 1 }
        planner.receive(trendRecord(windowEnd: year, flows { _, _ in 0 })) { _ in commands += 1 }
        planner.receive(trendRecord(windowEnd: 2 * year, [])) { _ in commands += 1 }
        #expect(planner.plannedThrough == 2 * year)
        // Provisioned, and a year later rolled back and retired; each is followed by 24 windows of rest.
        #expect(planner.evaluations < (high == 0 ? 8 : 64))
        let expected = high == 0 ? 0 : 16 * 3
        #expect(commands == expected)
    }

    /// A history with telemetry that comes and goes and demand that rises, falls and rises again.
    private func history(newsInEveryWindow: Bool) -> (commands: [ShadowCommand], evaluations: Int) {
        var configuration = PlannerConfiguration()
        configuration.telemetryStaleness = 4
        configuration.populateWindows = 3
        configuration.dwellWindows = 2
        var planner = Planner(configuration: configuration, partitions: 4)
        var commands: [ShadowCommand] = []
        for window in 0..<200 as Range<Int64> {
            for partition in 0..<4 as Range<PartitionIndex> where window % 60 < 4 {
                planner.receive(goodTelemetry(partition, at: window * hour + 1)) { commands.append($0) }
            }
            planner.telemetryMark(completeThrough: (window + 1) * hour, idle: false) { commands.append($0) }
        }
        for window in 1...200 as ClosedRange<Int64> {
            var flows = newsInEveryWindow ? [flow(3, 3, high: 0)] : []
            if [1, 61, 140].contains(window) { flows.append(flow(0, 1, high: window == 140 ? 0 : 300)) }
            planner.receive(trendRecord(windowEnd: window * hour, flows)) { commands.append($0) }
        }
        return (commands, planner.evaluations)
    }

    @Test("gives the same commands with windows skipped as without")
    func skipsAreSound() {
        let every = history(newsInEveryWindow: true)
        let skipping = history(newsInEveryWindow: false)
        #expect(every.evaluations == 200)
        #expect(skipping.evaluations < 120)
        #expect(every.commands.count > 5)
        #expect(skipping.commands == every.commands)
    }
}
