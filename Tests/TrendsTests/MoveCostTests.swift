import Contracts
import Testing
import Trends

/// A move happens only when it saves, when there is room for it, and when not too many are on their way.
@Suite struct MoveCostTests {
    private let gibibyte: Int64 = 1 << 30

    /// The shadows that were provisioned, as source and target.
    private func provisioned(_ harness: PlannerHarness) -> [[PartitionIndex]] {
        harness.commands.filter { $0.type == .provision }.map { [$0.source, $0.target] }
    }

    @Test func `a move that does not pay within the horizon is not made`() throws {
        // 300 customers of 1 GiB at 2 a GiB cost 600; 9 GiB read a day at 1 save 9 a day, less 2 for writes to both.
        func harness(days: Int64) -> PlannerHarness {
            PlannerHarness {
                $0.costs.remoteReadPerGiB = 1
                $0.costs.copyPerGiB = 2
                $0.costs.bytesPerCustomer = 1 << 30
                $0.costs.horizonDays = days
            }
        }
        var (early, late) = (harness(days: 85), harness(days: 86))
        for _ in 0..<4 {
            early.window(300, volume: 10 * gibibyte)
            late.window(300, volume: 10 * gibibyte)
        }
        #expect(early.commands.isEmpty)
        let command = try #require(late.commands.first)
        #expect(command.type == .provision)
        // Over 86 days: 774 saved, against 600 and 172.
        let saving = try #require(command.evidence.first { $0.figure == "saving" })
        #expect(saving.valueMilli == 774_000)
        #expect(saving.thresholdMilli == 772_000)
    }

    @Test func `without a price for remote reads nothing is asked of a move`() {
        var harness = PlannerHarness { $0.costs.perCustomer = 1_000 }
        for _ in 0..<3 { harness.window(300) }
        #expect(provisioned(harness) == [[0, 1]])
        #expect(!harness.commands.flatMap(\.evidence).contains { $0.figure == "saving" })
    }

    @Test func `what saves most comes first, not what is largest`() {
        var harness = PlannerHarness {
            $0.costs.remoteReadPerGiB = 1
            $0.maximumMoves = 1
        }
        let flows = [
            flow(0, 1, high: 400, volume: 2 * gibibyte), flow(1, 2, high: 200, volume: 5 * gibibyte),
        ]
        for _ in 0..<3 { harness.window(flows) }
        #expect(provisioned(harness) == [[1, 2]])
    }

    @Test func `no more shadows are on their way than may be, and a promoted one makes room`() {
        var harness = PlannerHarness { $0.maximumMoves = 1 }
        let flows = [flow(0, 1, high: 400), flow(2, 3, high: 300)]
        for _ in 0..<4 { harness.window(flows) }
        #expect(provisioned(harness) == [[0, 1]])
        for _ in 0..<8 { harness.window(flows) }
        #expect(harness.phase == .promoted)
        #expect(provisioned(harness) == [[0, 1], [2, 3]])
    }

    @Test func `a partition takes no more volume than it has room for`() {
        var harness = PlannerHarness { $0.partitionVolume = 10 * 1_000 }
        let flows = [
            flow(0, 1, high: 400, volume: 6_000), flow(2, 1, high: 300, volume: 5_000),
            flow(3, 1, high: 200, volume: 4_000), flow(3, 2, high: 150, volume: 5_000),
        ]
        for _ in 0..<3 { harness.window(flows) }
        #expect(provisioned(harness) == [[0, 1], [3, 1], [3, 2]])
    }

    @Test func `costs that cannot be are named`() {
        var configuration = PlannerConfiguration()
        configuration.costs.copyPerGiB = .nan
        #expect(throws: ConfigurationFailure.numberOutOfRange("costs.copyPerGiB", allowed: 0...1e9)) {
            try configuration.validate()
        }
        configuration.costs.copyPerGiB = 0
        configuration.maximumMoves = 0
        #expect(throws: ConfigurationFailure.outOfRange("maximumMoves", allowed: 1...1_000_000)) {
            try configuration.validate()
        }
    }
}
