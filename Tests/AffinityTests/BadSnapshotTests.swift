import Affinity
import Contracts
import Testing

/// Snapshots that come in many versions, and such as no engine has written.
@Suite struct BadSnapshotTests {
    /// What a compacted topic may still hold: every record written, in order; nil is a tombstone.
    private struct SnapshotLog {
        var customers: [(key: [UInt8], state: [UInt8]?)] = []
        var shared: [UInt8] = []

        mutating func save(_ engine: inout AffinityEngine) {
            engine.takeChanges { key, state in
                var copy: [UInt8]?
                if let state { copy = state.withUnsafeBytes { Array($0) } }
                customers.append((key.withUnsafeBytes { Array($0) }, copy))
            }
            var writer = StateWriter()
            engine.encodeShared(into: &writer)
            shared = writer.bytes
        }

        /// Older versions of a customer may be gone, the newest never is.
        func restore(_ bench: Bench, dropping chance: inout Chance) throws {
            var newest: [[UInt8]: Int] = [:]
            for (number, record) in customers.enumerated() { newest[record.key] = number }
            for (number, record) in customers.enumerated() {
                if newest[record.key] != number, Bool.random(using: &chance) { continue }
                try bench.restore(record.key, record.state)
            }
            try bench.restoreShared(shared)
        }
    }

    @Test(arguments: (1...6).map { UInt64($0) })
    func `older versions of a customer do not matter, however often all is written and read again`(
        seed: UInt64
    ) throws {
        var chance = Chance(seed: seed &* 1_009)
        let original = Bench(partitions: 6)
        var copy = Bench(partitions: 6)
        var log = SnapshotLog()
        for (number, visit) in randomVisits(2_000, partitions: 6, seed: seed).enumerated() {
            for bench in [original, copy] {
                bench.apply(visit)
                if number % 47 == 0 { _ = bench.forget(visit.customer) }
                if number % 61 == 0 { bench.setHome(visit.customer, 2, at: visit.access.time) }
            }
            guard number % 150 == 149 else { continue }
            // Long silences: alarms go off over many windows, and some customers fall dormant.
            log.save(&copy.engine)
            let next = Bench(partitions: 6)
            try log.restore(next, dropping: &chance)
            #expect(next.engine.changedCustomers == 0)
            next.published = copy.published
            copy = next
        }
        for bench in [original, copy] { bench.advance(to: 1_900_000_000_000) }
        #expect(original.published == copy.published, "seed \(seed)")
        #expect(original.engine.counters == copy.engine.counters, "seed \(seed)")
        #expect(original.published.contains { $0.change.stage == .dormant })
    }

    @Test func `a customer forgotten more than once is told of once`() {
        let bench = Bench()
        for customer in ["bob", "ann", "bob"] {
            bench.visit(customer, at: 0, 1)
            #expect(bench.forget(customer))
        }
        var told: [[UInt8]] = []
        bench.engine.takeChanges { key, state in
            if let _ = state { Issue.record("a state") }
            told.append(key.withUnsafeBytes { Array($0) })
        }
        #expect(told == [Array("ann".utf8), Array("bob".utf8)])
        #expect(bench.engine.changedCustomers == 0)
    }

    @Test(arguments: [UInt64(3), 4])
    func `what customers share is refused if cut off, and stops nothing if changed`(seed: UInt64) throws {
        var chance = Chance(seed: seed)
        let bench = Bench(partitions: 5)
        let visits = randomVisits(600, partitions: 5, seed: seed)
        for visit in visits[..<500] { bench.apply(visit) }
        var log = SnapshotLog()
        log.save(&bench.engine)
        for end in stride(from: 0, to: log.shared.count, by: 97) {
            #expect(throws: StateFailure.self) { try bench.restoreShared(Array(log.shared[..<end])) }
        }
        // What was refused has changed nothing.
        var writer = StateWriter()
        bench.engine.encodeShared(into: &writer)
        #expect(writer.bytes == log.shared)
        for _ in 0..<300 {
            let copy = Bench(partitions: 5)
            for record in log.customers { try copy.restore(record.key, record.state) }
            guard (try? copy.restoreShared(damaged(log.shared, &chance))) != nil else { continue }
            for visit in visits[500..<510] { copy.apply(visit) }
            _ = copy.republish(at: visits[510].access.time)
        }
    }

    @Test(arguments: [UInt64(5), 6])
    func `any customer is refused if cut off and then unknown, and stops nothing if changed`(seed: UInt64)
        throws
    {
        var chance = Chance(seed: seed)
        let bench = Bench(partitions: 5)
        let visits = randomVisits(700, partitions: 5, seed: seed)
        for visit in visits[..<600] { bench.apply(visit) }
        var log = SnapshotLog()
        log.save(&bench.engine)
        for record in log.customers {
            let state = try #require(record.state)
            for end in state.indices {
                #expect(throws: StateFailure.self) { try bench.restore(record.key, Array(state[..<end])) }
            }
            #expect(bench.prediction(String(decoding: record.key, as: UTF8.self)) == nil)
        }
        for _ in 0..<100 {
            for record in log.customers {
                try? bench.restore(record.key, damaged(record.state ?? [], &chance))
            }
            try bench.restoreShared(log.shared)
            for visit in visits[600...].shuffled(using: &chance).prefix(10) { bench.apply(visit) }
            bench.advance(to: 1_700_000_000_000 + EventTime.random(in: 0...200 * day, using: &chance))
        }
    }

    @Test func `a key that no customer can have is refused`() {
        let bench = Bench()
        for count in [0, 257] {
            #expect(throws: StateFailure.self) { try bench.restore([UInt8](repeating: 1, count: count), nil) }
        }
    }

    @Test func `an engine of another shape refuses`() throws {
        var other = AffinityConfiguration()
        other.recentIdsMax = 8
        #expect(throws: StateFailure.otherShape("16 ids kept, not 8")) {
            try Bench(other).restoreShared(shared())
        }
        other = AffinityConfiguration()
        other.windowMillis = 60_000
        #expect(throws: StateFailure.otherShape("3600000 milliseconds a window, not 60000")) {
            try Bench(other).restoreShared(shared())
        }
        var version = shared()
        version[0] = 99
        #expect(throws: StateFailure.unknownVersion(99)) { try Bench().restoreShared(version) }
    }

    private func shared() -> [UInt8] {
        let bench = Bench()
        bench.visit(at: 0, 1)
        var writer = StateWriter()
        bench.engine.encodeShared(into: &writer)
        return writer.bytes
    }

    /// The bytes with one to four of them changed, doubled or left out.
    private func damaged(_ bytes: [UInt8], _ chance: inout Chance) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &chance) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &chance)
            switch Int.random(in: 0..<6, using: &chance) {
            case 0: bytes.remove(at: place)
            case 1: bytes.insert(bytes[place], at: place)
            case 2:
                bytes.replaceSubrange(
                    place..<min(place + 8, bytes.count), with: repeatElement(0xFF, count: 8))
            default: bytes[place] ^= UInt8.random(in: 1...255, using: &chance)
            }
        }
        return bytes
    }
}

extension Bench {
    fileprivate func restore(_ customer: [UInt8], _ state: [UInt8]?) throws {
        guard let state else { return try engine.restore(customer: customer.span.bytes, state: nil) }
        try engine.restore(customer: customer.span.bytes, state: state.span.bytes)
    }

    fileprivate func restoreShared(_ state: [UInt8]) throws {
        try engine.restoreShared(state.span.bytes)
    }
}
