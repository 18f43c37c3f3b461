import Contracts
import Testing
import Trends

/// State that was written as bytes is gone on from exactly.
@Suite struct SnapshotTests {
    /// One thing that happens to an aggregator.
    private enum Event {
        case step(Step)
        case forget(String)
        case mark(EventTime?, idle: Bool)

        func apply(to harness: inout AggregatorHarness) {
            switch self {
            case .step(let step): harness.apply(step)
            case .forget(let customer): harness.forget(customer)
            case .mark(let time, let idle): harness.mark(time, idle: idle)
            }
        }
    }

    private func events(seed: UInt64) -> [Event] {
        var random = SeededGenerator(seed: seed)
        var time: Int64 = 0
        var sequences: [Int: UInt64] = [:]
        return (0..<600).map { _ in
            time += Int64.random(in: 0...hour / 4, using: &random)
            switch Int.random(in: 0..<40, using: &random) {
            case 0: return .mark(time, idle: false)
            case 1: return .mark(nil, idle: true)
            case 2: return .forget("customer-\(Int.random(in: 0..<15, using: &random))")
            default:
                let customer = Int.random(in: 0..<15, using: &random)
                sequences[customer, default: 0] += 1
                return .step(
                    Step(
                        customer: "customer-\(customer)", sequence: sequences[customer, default: 0],
                        time: time + Int64.random(in: -hour...60_000, using: &random),
                        home: PartitionIndex(customer % 3),
                        high: (0..<4).filter { _ in Bool.random(using: &random) },
                        shares: (0..<4).map { ($0, ProbabilityUnits.random(in: 0...10_000, using: &random)) },
                        volume: Int64.random(in: 0...1_000_000, using: &random),
                        isDormant: Int.random(in: 0..<10, using: &random) == 0))
            }
        }
    }

    @Test(arguments: (1...8).map { UInt64($0) })
    func `an aggregator made from snapshots publishes what the one that wrote them does`(seed: UInt64) throws
    {
        var random = SeededGenerator(seed: seed &* 31)
        var original = AggregatorHarness(lateness: 120_000)
        var topic: [[UInt8]: [UInt8]] = [:]
        var shared: [UInt8] = []
        let events = events(seed: seed)
        let cuts = (0..<4).map { _ in Int.random(in: 0..<events.count, using: &random) }.sorted()
        for (number, event) in events.enumerated() {
            if cuts.contains(number) {
                original.aggregator.takeChanges { key, state in
                    topic[copied(key)] = nil
                    if let state { topic[copied(key)] = copied(state) }
                }
                var writer = StateWriter()
                original.aggregator.encodeShared(into: &writer)
                shared = writer.bytes
            }
            if number == cuts.last { break }
            event.apply(to: &original)
        }
        var copy = AggregatorHarness(lateness: 120_000)
        for (key, state) in topic.shuffled(using: &random) {
            try copy.aggregator.restore(customer: key.span.bytes, state: state.span.bytes)
        }
        try copy.aggregator.restoreShared(shared.span.bytes)
        original.records = []
        for event in events[(cuts.last ?? 0)...] {
            event.apply(to: &original)
            event.apply(to: &copy)
        }
        #expect(original.records == copy.records, "seed \(seed)")
        #expect(original.aggregator.customerCount == copy.aggregator.customerCount, "seed \(seed)")
    }

    @Test(arguments: (1...6).map { UInt64($0) })
    func `a planner made from a snapshot gives the commands that the one that wrote it does`(seed: UInt64)
        throws
    {
        var random = SeededGenerator(seed: seed)
        var original = PlannerHarness()
        let cut = Int.random(in: 1..<80, using: &random)
        var copy = original
        var topic = PlannerTopic()
        for window in 0..<120 {
            if window % 7 == 0, window < cut { topic.save(&original.planner) }
            let share = Int64([0, 60, 120, 300].randomElement(using: &random) ?? 0)
            let isBad = Int.random(in: 0..<9, using: &random) == 0
            if window == cut {
                topic.save(&original.planner)
                copy = original
                copy.planner = PlannerHarness().planner
                try topic.restore(&copy.planner, &random)
                copy.commands = []
                original.commands = []
                #expect(copy.planner.shadows == original.planner.shadows, "seed \(seed)")
            }
            let change = isBad ? only(1) { $0.utilisationMilli = 2_000 } : { $0 }
            original.window(share, change)
            if window >= cut { copy.window(share, change) }
        }
        #expect(original.news() == copy.news(), "seed \(seed)")
        #expect(original.planner.shadows == copy.planner.shadows, "seed \(seed)")
    }

    @Test func `bytes that are cut off are refused, changed ones do not stop anything`() throws {
        var random = SeededGenerator(seed: 9)
        var harness = PlannerHarness()
        for _ in 0..<30 { harness.window(300) }
        var topic = PlannerTopic()
        topic.save(&harness.planner)
        let (flow, state) = try #require(topic.flows.first)
        for length in topic.shared.indices {
            let part = Array(topic.shared[..<length])
            #expect(throws: StateFailure.self) { try restore(&harness.planner, part) }
        }
        for length in state.indices {
            let part = Array(state[..<length])
            #expect(throws: StateFailure.self) { try restore(&harness.planner, flow, part) }
        }
        for _ in 0..<2_000 {
            try? restore(&harness.planner, broken(topic.shared, &random))
            try? restore(&harness.planner, flow, broken(state, &random))
        }
    }

    @Test func `a planner of other partitions or windows refuses`() throws {
        var topic = PlannerTopic()
        var harness = PlannerHarness()
        topic.save(&harness.planner)
        let bytes = topic.shared
        var other = Planner(configuration: PlannerConfiguration(), partitions: 5)
        #expect(throws: StateFailure.otherShape("4 partitions, not 5")) { try restore(&other, bytes) }
    }

    @Test func `a forecast of another lead starts anew, and nothing else does`() throws {
        var random = SeededGenerator(seed: 3)
        var harness = PlannerHarness()
        for _ in 0..<30 { harness.window(300) }
        var topic = PlannerTopic()
        topic.save(&harness.planner)
        var other = PlannerHarness { $0.forecastWindows = 9 }
        try topic.restore(&other.planner, &random)
        #expect(other.planner.shadows == harness.planner.shadows)
        #expect(other.planner.plannedThrough == harness.planner.plannedThrough)
    }

    private func restore(_ planner: inout Planner, _ bytes: [UInt8]) throws {
        try planner.restoreShared(bytes.span.bytes)
    }

    private func restore(_ planner: inout Planner, _ flow: [UInt8], _ state: [UInt8]) throws {
        try planner.restore(flow: flow.span.bytes, state: state.span.bytes)
    }

    private func broken(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        bytes[Int.random(in: bytes.indices, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
        return bytes
    }

    private func copied(_ span: RawSpan) -> [UInt8] { span.withUnsafeBytes { Array($0) } }
}
