import Affinity
import Contracts
import Testing

/// A stand-in for the compacted topic that snapshots go to.
private struct SnapshotTopic {
    var entries: [[UInt8]: [UInt8]] = [:]
    var shared: [UInt8] = []

    /// The names of the customers; keys that are no text are contexts.
    var customers: [String] { entries.keys.compactMap { String(validating: $0, as: UTF8.self) }.sorted() }

    mutating func save(_ engine: inout AffinityEngine) {
        engine.takeChanges { key, state in
            let bytes = key.withUnsafeBytes { Array($0) }
            if let state {
                entries[bytes] = state.withUnsafeBytes { Array($0) }
            } else {
                entries[bytes] = nil
            }
        }
        var writer = StateWriter()
        engine.encodeShared(into: &writer)
        shared = writer.bytes
    }

    func restored(partitions: Int, shuffledBy chance: inout Chance) throws -> Bench {
        let bench = Bench(partitions: partitions)
        let keys = entries.keys.sorted { $0.lexicographicallyPrecedes($1) }.shuffled(using: &chance)
        for key in keys { try bench.restore(key, entries[key] ?? []) }
        try bench.restoreShared(shared)
        return bench
    }
}

extension Bench {
    fileprivate func restore(_ key: [UInt8], _ state: [UInt8]) throws {
        try engine.restore(customer: key.span.bytes, state: state.span.bytes)
    }

    fileprivate func restoreShared(_ state: [UInt8]) throws {
        try engine.restoreShared(state.span.bytes)
    }
}

/// One thing that happens to an engine.
private enum Step {
    case visit(Visit)
    case home(String, PartitionIndex, EventTime)
    case forget(String)
    case republish(EventTime)

    func apply(to bench: Bench) -> VectorChange? {
        switch self {
        case .visit(let visit): bench.apply(visit)
        case .home(let customer, let home, let time): bench.setHome(customer, home, at: time)
        case .forget(let customer): _ = bench.forget(customer)
        case .republish(let time):
            bench.advance(to: time)
            return bench.republish(at: time)
        }
        return nil
    }
}

@Suite struct SnapshotTests {
    /// Visits over months, with profiles, tombstones and marks among them, so that silence has its say.
    private func steps(seed: UInt64) -> [Step] {
        var chance = Chance(seed: seed)
        return randomVisits(2_500, partitions: 6, seed: seed).flatMap { visit -> [Step] in
            let time = visit.access.time
            switch Int.random(in: 0..<60, using: &chance) {
            case 0: return [.visit(visit), .home(visit.customer, 3, time)]
            case 1: return [.visit(visit), .forget(visit.customer)]
            case 2: return [.republish(time), .visit(visit)]
            default: return [.visit(visit)]
            }
        }
    }

    @Test(arguments: (1...4).map { UInt64($0) })
    func `an engine made from snapshots goes on exactly as the one that wrote them`(seed: UInt64) throws {
        var chance = Chance(seed: seed &* 77)
        let original = Bench(partitions: 6)
        var topic = SnapshotTopic()
        let steps = steps(seed: seed)
        let cuts = (0..<4).map { _ in Int.random(in: 0..<steps.count, using: &chance) }.sorted()
        for (number, step) in steps.enumerated() {
            if cuts.contains(number) { topic.save(&original.engine) }
            if number == cuts.last { break }
            _ = step.apply(to: original)
        }
        let copy = try topic.restored(partitions: 6, shuffledBy: &chance)
        original.published = []
        for step in steps[(cuts.last ?? 0)...] {
            #expect(step.apply(to: original) == step.apply(to: copy), "seed \(seed)")
        }
        #expect(original.published == copy.published, "seed \(seed)")
        #expect(original.engine.counters == copy.engine.counters, "seed \(seed)")
    }

    @Test func `what was saved and has not changed is not saved again`() {
        let bench = Bench()
        var topic = SnapshotTopic()
        bench.visit("ann", at: 0, 1)
        bench.visit("bob", at: 0, 1)
        #expect(bench.engine.changedCustomers == 2)
        topic.save(&bench.engine)
        #expect(bench.engine.changedCustomers == 0)
        bench.visit("bob", at: 5, 2)
        var changed: [String] = []
        bench.engine.takeChanges { key, _ in
            let bytes = key.withUnsafeBytes { Array($0) }
            if let name = String(validating: bytes, as: UTF8.self) { changed.append(name) }
        }
        #expect(changed == ["bob"])
    }

    @Test func `a forgotten customer vanishes from the snapshots, unless it is back`() {
        let bench = Bench()
        var topic = SnapshotTopic()
        for customer in ["ann", "bob"] { bench.visit(customer, at: 0, 1) }
        topic.save(&bench.engine)
        for customer in ["ann", "bob"] { #expect(bench.forget(customer)) }
        bench.visit("bob", at: 9, 2)
        topic.save(&bench.engine)
        #expect(topic.customers == ["bob"])
    }

    @Test func `a newer state of a customer replaces an older one`() throws {
        let bench = Bench()
        var topics: [SnapshotTopic] = []
        for time in EventTime(0)...3 {
            bench.visit("ann", at: time * day, PartitionIndex(time))
            topics.append(topics.last ?? SnapshotTopic())
            topics[topics.count - 1].save(&bench.engine)
        }
        let copy = Bench()
        for topic in topics {
            for (key, state) in topic.entries { try copy.restore(key, state) }
        }
        try copy.restoreShared(topics[3].shared)
        #expect(copy.prediction() == bench.prediction())
        bench.published = []
        let access = Access(time: 60 * day, partition: 1, bytes: 0, idHash: 99)
        for engine in [bench, copy] { engine.apply(Visit(customer: "ann", access: access)) }
        #expect(copy.published == bench.published)
    }

    @Test(arguments: [UInt64(5)])
    func `bytes that are cut off or changed are refused or give some state, and nothing else`(seed: UInt64)
        throws
    {
        var chance = Chance(seed: seed)
        let bench = Bench(partitions: 6)
        for visit in randomVisits(400, partitions: 6, seed: seed) { bench.apply(visit) }
        var topic = SnapshotTopic()
        topic.save(&bench.engine)
        let key = "customer 3"
        let state = try #require(topic.entries[Array(key.utf8)])
        for length in state.indices {
            let part = Array(state[..<length])
            #expect(throws: StateFailure.self) { try bench.restore(Array(key.utf8), part) }
        }
        for length in stride(from: 0, to: topic.shared.count, by: 89) {
            let part = Array(topic.shared[..<length])
            #expect(throws: StateFailure.self) { try bench.restoreShared(part) }
        }
        var time: EventTime = 1_800_000_000_000
        for _ in 0..<1_000 {
            var broken = state
            broken[Int.random(in: state.indices, using: &chance)] ^= UInt8.random(in: 1...255, using: &chance)
            try? bench.restore(Array(key.utf8), broken)
            time += 1_000
            bench.visit(key, at: time, 2)
        }
    }

    @Test func `an engine of other partitions refuses`() throws {
        let bench = Bench(partitions: 6)
        bench.visit(at: 0, 1)
        var writer = StateWriter()
        bench.engine.encodeShared(into: &writer)
        let other = Bench(partitions: 7)
        let shared = writer.bytes
        #expect(throws: StateFailure.otherShape("6 partitions, not 7")) { try other.restoreShared(shared) }
    }
}
