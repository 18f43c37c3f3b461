import Contracts
import Testing
import Trends

/// Snapshots that come in many versions, and such as nobody has written.
@Suite struct BadSnapshotTests {
    /// Every record written, in order; nil is a tombstone.
    private struct SnapshotLog {
        var customers: [(key: [UInt8], state: [UInt8]?)] = []
        var shared: [UInt8] = []

        mutating func save(_ aggregator: inout TrendAggregator) {
            aggregator.takeChanges { key, state in
                var copy: [UInt8]?
                if let state { copy = state.withUnsafeBytes { Array($0) } }
                customers.append((key.withUnsafeBytes { Array($0) }, copy))
            }
            var writer = StateWriter()
            aggregator.encodeShared(into: &writer)
            shared = writer.bytes
        }
    }

    /// Updates of a few customers over many windows, some ahead of time, with what else there is.
    private func feed(_ harness: inout AggregatorHarness, _ number: Int, _ random: inout SeededGenerator) {
        let time = Int64(number) * hour / 6
        let customer = Int.random(in: 0..<12, using: &random)
        switch Int.random(in: 0..<30, using: &random) {
        case 0: harness.forget("customer-\(customer)")
        case 1: harness.mark(nil, idle: true)
        case 2: harness.mark(time)
        default:
            harness.apply(
                Step(
                    customer: "customer-\(customer)", sequence: UInt64(number + 1),
                    time: time + Int64.random(in: -hour...2 * hour, using: &random),
                    home: PartitionIndex(customer % 4),
                    high: [PartitionIndex.random(in: 0..<4, using: &random)],
                    shares: (0..<4).map { ($0, ProbabilityUnits.random(in: 0...5_000, using: &random)) },
                    volume: Int64.random(in: 0...1_000_000, using: &random),
                    isDormant: Int.random(in: 0..<9, using: &random) == 0))
        }
    }

    @Test(arguments: (1...6).map { UInt64($0) })
    func `older versions of a customer do not matter, however often all is written and read again`(
        seed: UInt64
    ) throws {
        var original = AggregatorHarness(lateness: 3 * hour)
        var copy = original
        var log = SnapshotLog()
        var (random, same) = (SeededGenerator(seed: seed), SeededGenerator(seed: seed))
        for number in 0..<900 {
            feed(&original, number, &random)
            feed(&copy, number, &same)
            guard number % 90 == 89 else { continue }
            log.save(&copy.aggregator)
            var next = AggregatorHarness(lateness: 3 * hour)
            for record in log.customers { try restore(&next.aggregator, record.key, record.state) }
            try restoreShared(&next.aggregator, log.shared)
            #expect(next.aggregator.changedCustomers == 0)
            copy.aggregator = next.aggregator
        }
        #expect(original.records == copy.records, "seed \(seed)")
        #expect(original.records.count > 50)
    }

    @Test func `what was saved and has not changed is not saved again, what was forgotten is told of once`() {
        var harness = AggregatorHarness(lateness: 0)
        for (sequence, customer) in ["ann", "bob", "ann"].enumerated() {
            harness.apply(Step(customer: customer, sequence: UInt64(sequence + 1), time: hour))
            if customer == "ann" { harness.forget(customer) }
        }
        var told: [String] = []
        harness.aggregator.takeChanges { key, state in
            let name = key.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            if let _ = state { told.append(name) } else { told.append("not \(name)") }
        }
        #expect(told == ["not ann", "bob"])
        #expect(harness.aggregator.changedCustomers == 0)
        harness.aggregator.takeChanges { _, _ in Issue.record("nothing has changed") }
    }

    @Test(arguments: [UInt64(1), 2])
    func `an aggregator's bytes are refused if cut off, and stop nothing if changed`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var harness = AggregatorHarness(lateness: 3 * hour)
        for number in 0..<300 { feed(&harness, number, &random) }
        var log = SnapshotLog()
        log.save(&harness.aggregator)
        let before = harness.aggregator.watermark
        for end in log.shared.indices {
            let part = Array(log.shared[..<end])
            #expect(throws: StateFailure.self) { try restoreShared(&harness.aggregator, part) }
        }
        #expect(harness.aggregator.watermark == before)
        for record in log.customers {
            for end in (record.state ?? []).indices {
                let part = Array((record.state ?? [])[..<end])
                #expect(throws: StateFailure.self) { try restore(&harness.aggregator, record.key, part) }
            }
        }
        for round in 0..<1_000 {
            var copy = AggregatorHarness(lateness: 3 * hour)
            for record in log.customers {
                try? restore(&copy.aggregator, record.key, record.state.map { damaged($0, &random) })
            }
            let shared = round % 4 == 0 ? log.shared : damaged(log.shared, &random)
            try? restoreShared(&copy.aggregator, shared)
            for number in 300..<306 { feed(&copy, number, &random) }
            copy.mark(400 * hour)
        }
    }

    @Test func `an aggregator of other sources or windows refuses`() throws {
        var log = SnapshotLog()
        var harness = AggregatorHarness()
        log.save(&harness.aggregator)
        let shared = log.shared
        var other = AggregatorHarness(source: 1, sources: 2).aggregator
        #expect(throws: StateFailure.otherShape("source 0 of 1, not 1 of 2")) {
            try restoreShared(&other, shared)
        }
        var configuration = TrendsConfiguration()
        configuration.windowMillis = 60_000
        other = TrendAggregator(source: 0, sources: 1, configuration: configuration)
        #expect(throws: StateFailure.otherShape("windows of 3600000 ms, not 60000")) {
            try restoreShared(&other, shared)
        }
    }

    @Test(arguments: (1...6).map { UInt64($0) })
    func `a planner goes on from its bytes with whatever waits in it`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let input = (0..<400).map { planned($0, &random) }
        var original = planner
        var copy = planner
        var commands: [ShadowCommand] = []
        var copied: [ShadowCommand] = []
        var mostWaiting = 0
        var topic = PlannerTopic()
        for (number, step) in input.enumerated() {
            step(&original) { commands.append($0) }
            step(&copy) { copied.append($0) }
            mostWaiting = max(mostWaiting, original.waiting)
            guard number % 7 == 3 else { continue }
            topic.save(&copy)
            copy = planner
            try topic.restore(&copy, &random)
            let before = topic.shared
            topic.save(&copy)
            #expect(topic.shared == before, "seed \(seed)")
        }
        #expect(commands == copied, "seed \(seed)")
        #expect(original.shadows == copy.shadows && original.ignored == copy.ignored, "seed \(seed)")
        #expect(original.evaluations == copy.evaluations, "seed \(seed)")
        #expect(commands.count > 10 && mostWaiting > 3, "seed \(seed)")
    }

    @Test(arguments: [UInt64(1), 2])
    func `a planner of changed bytes goes on`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let input = (0..<240).map { planned($0, &random) }
        var original = planner
        for step in input[..<200] { step(&original) { _ in } }
        var topic = PlannerTopic()
        topic.save(&original)
        let flows = topic.flows.keys.sorted { $0.lexicographicallyPrecedes($1) }
        for number in 0..<2_000 {
            var copy = planner
            var broken = topic
            if number % 2 == 0 {
                broken.shared = damaged(topic.shared, &random)
            } else if let flow = flows.randomElement(using: &random) {
                broken.flows[flow] = damaged(topic.flows[flow] ?? [], &random)
            }
            guard (try? broken.restore(&copy, &random)) != nil else { continue }
            for step in input[200...] { step(&copy) { _ in } }
        }
    }

    private typealias PlannerStep = (inout Planner, (ShadowCommand) -> Void) -> Void

    private var planner: Planner {
        var configuration = PlannerConfiguration()
        configuration.coolDownWindows = 2
        configuration.activateHoldWindows = 2
        return Planner(configuration: configuration, partitions: 4)
    }

    /// A step of three sources and the telemetry, which are ahead of each other by turns.
    private func planned(_ number: Int, _ random: inout SeededGenerator) -> PlannerStep {
        let window = Int64(number / 8 + 1)
        let end = (window + Int64.random(in: 0...2, using: &random)) * hour
        let source = Int32.random(in: 0..<3, using: &random)
        let high = Int64([0, 60, 120, 300].randomElement(using: &random) ?? 0)
        let target = PartitionIndex.random(in: 1..<4, using: &random)
        let isBad = Int.random(in: 0..<20, using: &random) == 0
        let isIdle = Int.random(in: 0..<20, using: &random) == 0
        switch number % 8 {
        case 0...3:
            return { planner, publish in
                var sample = goodTelemetry(PartitionIndex(number % 8), at: window * hour - 1)
                if isBad { sample.errors = 700 }
                planner.receive(sample, publish)
            }
        case 4:
            return { planner, publish in
                planner.telemetryMark(completeThrough: window * hour, idle: isIdle, publish)
            }
        default:
            return { planner, publish in
                planner.receive(
                    trendRecord(
                        source: source, of: 3, windowEnd: end, idle: isIdle,
                        [flow(0, target, of: 400, high: high, volume: high * 10)]), publish)
            }
        }
    }

    private func restore(_ aggregator: inout TrendAggregator, _ key: [UInt8], _ state: [UInt8]?) throws {
        guard let state else { return try aggregator.restore(customer: key.span.bytes, state: nil) }
        try aggregator.restore(customer: key.span.bytes, state: state.span.bytes)
    }

    private func restoreShared(_ aggregator: inout TrendAggregator, _ state: [UInt8]) throws {
        try aggregator.restoreShared(state.span.bytes)
    }

    /// The bytes with one to four of them changed, doubled or left out.
    private func damaged(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes.remove(at: place)
            case 1: bytes.insert(bytes[place], at: place)
            case 2:
                bytes.replaceSubrange(
                    place..<min(place + 8, bytes.count), with: repeatElement(0xFF, count: 8))
            default: bytes[place] ^= UInt8.random(in: 1...255, using: &random)
            }
        }
        return bytes
    }
}
