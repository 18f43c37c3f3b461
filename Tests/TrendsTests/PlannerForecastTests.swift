import Contracts
import Testing
import Trends

/// Which flows the world is told of, and when.
@Suite struct PlannerForecastTests {
    /// A planner that is fed window by window, and what it tells of flows.
    private struct Harness {
        var planner: Planner
        var windows: Int64 = 0

        init(_ configure: (inout PlannerConfiguration) -> Void = { _ in }) {
            var configuration = PlannerConfiguration()
            // The measured share alone opens no shadow unless a test wants it.
            configuration.provision.shareMilli = 500
            configuration.activate.shareMilli = 500
            configure(&configuration)
            planner = Planner(configuration: configuration, partitions: 6)
        }

        /// Tells what one window brings, with the shares of home 0's customers that have partition 1, 2, ... high.
        mutating func window(_ shares: Int64...) -> [PartitionForecast] {
            let end = (windows + 1) * hour
            windows += 1
            let flows = shares.enumerated().map { flow(0, PartitionIndex($0 + 1), high: $1) }
            var told: [PartitionForecast] = []
            for input in [
                .telemetryMark(completeThrough: end, idle: false),
                .trends(trendRecord(windowEnd: end, flows)),
            ] as [PlannerInput] {
                planner.take(input) { if case .forecast(let forecast) = $0 { told.append(forecast) } }
            }
            return told
        }
    }

    @Test func `a flow is told of from half of the threshold on, beside what it is held against`() {
        var harness = Harness()
        let told = harness.window(249, 250)
        #expect(
            told == [
                PartitionForecast(
                    home: 0, partition: 2, windowStart: 0, windowEnd: hour, measuredMilli: 250,
                    expectedMilli: 250, thresholdMilli: 500, expectedThresholdMilli: 500, leadWindows: 3)
            ])
    }

    @Test func `what has not changed is not told again`() {
        var harness = Harness()
        _ = harness.window(300, 400)
        #expect(harness.window(300, 401).map(\.partition) == [2])
        #expect(harness.window(300, 401) == [])
    }

    @Test func `a flow that matters no longer is told of once more`() {
        var harness = Harness()
        _ = harness.window(300)
        #expect(harness.window(10).map(\.measuredMilli) == [10])
        #expect(harness.window(11) == [])
        #expect(harness.window(300).map(\.measuredMilli) == [300])
    }

    @Test func `a flow with an open shadow matters however little is measured, until it is retired`() {
        var harness = Harness { $0.provision.shareMilli = 200 }
        for _ in 0..<3 { _ = harness.window(300) }
        #expect(harness.planner.shadows.map(\.phase) == [.provisioning])
        #expect(harness.window(20).map(\.measuredMilli) == [20])
        #expect(harness.window(21).map(\.measuredMilli) == [21])
        var phases: [Phase] = []
        for number in 0..<40 as Range<Int64> {
            _ = harness.window(22 + number % 2)
            phases += harness.planner.shadows.map(\.phase)
        }
        #expect(phases.last == .retired)
        #expect(harness.window(30) == [])
    }

    @Test func `of too many the largest are told, and the others in later windows`() {
        var harness = Harness { $0.forecastsMax = 2 }
        #expect(harness.window(300, 420, 300, 410, 300).map(\.partition) == [2, 4])
        #expect(harness.window(300, 420, 300, 410, 300).map(\.partition) == [1, 3])
        #expect(harness.window(300, 420, 300, 410, 300).map(\.partition) == [5])
        #expect(harness.window(300, 420, 300, 410, 300) == [])
    }

    @Test func `that a large one is no longer is as urgent as it was large`() {
        var harness = Harness { $0.forecastsMax = 1 }
        _ = harness.window(490)
        #expect(harness.window(5, 480).map(\.measuredMilli) == [5])
        #expect(harness.window(5, 480).map(\.measuredMilli) == [480])
    }

    @Test func `none are told of where none may be`() {
        var harness = Harness { $0.forecastsMax = 0 }
        #expect(harness.window(300, 420) == [])
    }

    @Test(arguments: (1...4).map { UInt64($0) })
    func `a planner made from a snapshot tells what the one that wrote it does`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var original = Harness { $0.forecastsMax = 2 }
        var topic = PlannerTopic()
        for window in 0..<60 {
            if window % 7 == 3 {
                topic.save(&original.planner)
                var copy = original
                copy.planner = Harness { $0.forecastsMax = 2 }.planner
                try topic.restore(&copy.planner, &random)
                original = copy
            }
            let shares = (0..<3).map { _ in Int64.random(in: 200...300, using: &random) }
            var same = original
            let told = original.window(shares[0], shares[1], shares[2])
            #expect(same.window(shares[0], shares[1], shares[2]) == told, "seed \(seed)")
            #expect(told.count <= 2)
        }
    }

    @Test func `what a window brings is told before its end, and quiet windows are passed over`() {
        var harness = Harness()
        _ = harness.window(300)
        var told: [String] = []
        func note(_ event: PlannerEvent) {
            switch event {
            case .quiet(let end): told.append("quiet through \(end / hour)")
            case .telemetry(let sample): told.append("sample of \(sample.partition)")
            case .windowEnd(let end, _): told.append("end of \(end / hour)")
            case .forecast(let forecast): told.append("forecast of \(forecast.windowEnd / hour)")
            case .command, .entered: told.append("shadow")
            }
        }
        harness.planner.take(.telemetry(goodTelemetry(1, at: 9 * hour + 1)), note)
        harness.planner.take(.telemetryMark(completeThrough: 10 * hour, idle: false), note)
        harness.planner.take(.trends(trendRecord(windowEnd: 10 * hour, [flow(0, 1, high: 310)])), note)
        #expect(
            told == [
                "quiet through 1", "end of 2", "quiet through 9", "sample of 1", "forecast of 10",
                "end of 10",
            ])
    }

    @Test func `a copy that is complete is told of, though no command says so`() {
        var harness = PlannerHarness()
        var entered: [Phase] = []
        for number in 0..<5 as Range<Int64> {
            let end = (number + 1) * hour
            for partition in 0..<4 as Range<PartitionIndex> {
                harness.planner.receive(goodTelemetry(partition, at: end - 1)) { _ in }
            }
            harness.planner.telemetryMark(completeThrough: end, idle: false) { _ in }
            harness.planner.take(.trends(trendRecord(windowEnd: end, [flow(0, 1, high: 120)]))) {
                if case .entered(let state, _) = $0 { entered.append(state.phase) }
            }
        }
        #expect(entered == [.populated])
    }
}
