import Contracts
import Kafka
import Testing
import Trends

/// The same logs give the same alerts, forecasts and commands, in whatever order the two are read, and however often the
/// planner is made anew.
@Suite struct PlannerArrivalTests {
    /// Two logs: what is in each, in its order.
    private static func logs(seed: UInt64) throws -> [[PlannerStand.Given]] {
        var random = SplitMix(seed: seed)
        var (trends, telemetry): ([PlannerStand.Given], [PlannerStand.Given]) = ([], [])
        var number: Int64 = 0
        var high: Int64 = 30
        while trends.count < 150 {
            // Now and then nothing is said for hours, or weeks.
            switch Int.random(in: 0..<30, using: &random) {
            case 0: number += Int64.random(in: 2...20, using: &random)
            case 1: number += Int64.random(in: 100...900, using: &random)
            default: number += 1
            }
            high = min(max(0, high + Int64.random(in: -9...10, using: &random)), 300)
            let isNews = Int.random(in: 0..<4, using: &random) > 0
            trends.append(try PlannerStand.sums(window: number, high: isNews ? high : nil))
            for partition in 0..<3 as Range<PartitionIndex> {
                if Int.random(in: 0..<3, using: &random) == 0 { continue }
                telemetry.append(
                    try PlannerStand.sample(partition, window: number) {
                        $0.utilisationMilli = Int64.random(in: 700...950, using: &random)
                        $0.errors = Int64.random(in: 0...30, using: &random)
                    })
            }
            let count = Int.random(in: 0..<3, using: &random) == 0 ? 12 : 0
            telemetry += Array(repeating: PlannerStand.garbage, count: count)
            telemetry.append(PlannerStand.mark(window: number))
        }
        return [trends, telemetry]
    }

    private static func play(
        _ logs: [[PlannerStand.Given]], _ restarts: Int, _ random: inout SplitMix
    ) throws -> PlannerStand {
        var stand = try PlannerStand()
        var next = [0, 0]
        while next[0] < logs[0].count || next[1] < logs[1].count {
            let input = Int.random(in: 0...1, using: &random)
            // Long runs of one, then of the other.
            let run = Int.random(in: 1...40, using: &random)
            for _ in 0..<run where next[input] < logs[input].count {
                try stand.apply(logs[input][next[input]])
                next[input] += 1
                if restarts > 0, Int.random(in: 0..<restarts, using: &random) == 0 {
                    try stand.save()
                    try stand.restore()
                }
            }
        }
        return stand
    }

    @Test(arguments: (1...6).map { UInt64($0) })
    func `arrival and restarts do not show`(seed: UInt64) throws {
        let logs = try Self.logs(seed: seed)
        var random = SplitMix(seed: seed)
        let first = try Self.play(logs, 0, &random)
        let alerts = try first.alerts
        for rule in ["bottleneck", "telemetry-missing", "dead-letters"] {
            #expect(alerts.contains { $0.rule.hasPrefix(rule) }, "seed \(seed)")
        }
        for restarts in [0, 7, 40] {
            let other = try Self.play(logs, restarts, &random)
            for topic in [TopicName.alerts, TopicName.partitionForecasts, TopicName.partitionCommands] {
                #expect(!first.values(topic).isEmpty, "\(topic), seed \(seed)")
                #expect(first.values(topic) == other.values(topic), "\(topic), seed \(seed)")
            }
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators").
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
