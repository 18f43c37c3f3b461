import Affinity
import Contracts
import Testing

/// Switching the model of an engine, and what snapshots hold of it.
@Suite struct ModelSwitchTests {
    /// A model for engines over `partitions`, as training would begin with it.
    private func model(_ seed: UInt64, partitions: Int = 6, units: Int = 8) throws -> Model {
        var shape = NetworkShape(
            partitions: partitions, experts: Expert.rows - 1, regions: 1, domains: 1, kinds: 1,
            denseInputs: NetworkInputs.dense, features: NetworkInputs.features,
            timeFeatures: NetworkInputs.timeFeatures)
        shape.hidden = units
        shape.headUnits = 8
        let names = Model.Names(
            partitions: (0..<partitions).map { "p\($0)" }, regions: ["r"], domains: ["d"], kinds: ["k"])
        return try Model(
            origin: .init(name: "m\(seed)", createdFrom: "nothing"), names: names, shareDiscount: 0.9,
            weights: NetworkWeights(shape, seed: seed))
    }

    /// A topic with every record written; nil is a tombstone.
    private struct Log {
        var records: [(key: [UInt8], state: [UInt8]?)] = []
        var shared: [UInt8] = []

        mutating func save(_ engine: inout AffinityEngine) {
            engine.takeChanges { key, state in
                var copy: [UInt8]?
                if let state { copy = state.withUnsafeBytes { Array($0) } }
                records.append((key.withUnsafeBytes { Array($0) }, copy))
            }
            var writer = StateWriter()
            engine.encodeShared(into: &writer)
            shared = writer.bytes
        }

        /// Restores in the order of the log; `isGone` may take older records of a key, never the newest.
        func restore(_ bench: Bench, isGone: () -> Bool = { false }) throws {
            var newest: [[UInt8]: Int] = [:]
            for (number, record) in records.enumerated() { newest[record.key] = number }
            for (number, record) in records.enumerated() where newest[record.key] == number || !isGone() {
                try bench.engine.restore(customer: record.key.span.bytes, state: record.state?.span.bytes)
            }
            try bench.engine.restoreShared(shared.span.bytes)
        }
    }

    @Test(arguments: (1...6).map { UInt64($0) })
    func `an engine that is saved and restored goes through switches as one that is not`(seed: UInt64) throws
    {
        let models = [try model(1), nil, try model(2, units: 16), try model(3), try model(4), nil]
        var chance = Chance(seed: seed)
        let original = Bench(partitions: 6)
        var copy = Bench(partitions: 6)
        var log = Log()
        for (number, visit) in randomVisits(1_800, partitions: 6, seed: seed, customers: 40).enumerated() {
            for bench in [original, copy] {
                if number % 280 == 100 { bench.engine.use(models[number / 280 % models.count]) }
                bench.apply(visit)
                if number % 47 == 0 { _ = bench.forget(visit.customer) }
            }
            if Int.random(in: 0..<90, using: &chance) > 0 { continue }
            log.save(&copy.engine)
            let next = Bench(partitions: 6)
            try log.restore(next) { Bool.random(using: &chance) }
            #expect(next.engine.changedCustomers == 0)
            #expect(next.engine.model?.label == original.engine.model?.label, "seed \(seed)")
            next.published = copy.published
            copy = next
        }
        for bench in [original, copy] { bench.advance(to: 1_900_000_000_000) }
        #expect(original.published == copy.published, "seed \(seed)")
    }

    @Test(arguments: [UInt64(3)])
    func `a model takes part from the switch on, and not before`(seed: UInt64) throws {
        let (plain, switched) = (Bench(partitions: 6), Bench(partitions: 6))
        let visits = randomVisits(600, partitions: 6, seed: seed)
        for bench in [plain, switched] { for visit in visits[..<300] { bench.apply(visit) } }
        #expect(plain.published == switched.published, "seed \(seed)")
        switched.engine.use(try model(1))
        for bench in [plain, switched] { for visit in visits[300...] { bench.apply(visit) } }
        #expect(plain.published != switched.published, "seed \(seed)")
    }

    @Test func `a switch saves the model, and none of the customers`() throws {
        let bench = Bench(partitions: 6)
        var log = Log()
        for customer in ["ann", "bob"] { bench.visit(customer, at: 0, 1) }
        log.save(&bench.engine)
        let before = log.records.count
        bench.engine.use(try model(1))
        #expect(bench.engine.changedCustomers == 1)
        log.save(&bench.engine)
        #expect(log.records[before...].map(\.key) == [[0xFE]])
        log.save(&bench.engine)
        #expect(log.records.count == before + 1)
    }

    @Test(arguments: [UInt64(9)])
    func `what a network was trusted with is dealt out among the others when it goes`(seed: UInt64) throws {
        let bench = Bench(partitions: 6)
        bench.engine.use(try model(1))
        let visits = randomVisits(400, partitions: 6, seed: seed)
        for visit in visits { bench.apply(visit) }
        bench.engine.use(nil)
        for visit in visits.suffix(40) {
            // Another id: not a duplicate.
            var visit = visit
            visit.access.idHash = ~visit.access.idHash
            bench.apply(visit)
        }
        var log = Log()
        log.save(&bench.engine)
        let copy = Bench(partitions: 6)
        // Weights that are no distribution would be refused.
        try log.restore(copy)
        for number in 0..<12 {
            #expect(
                copy.prediction("customer \(number)") == bench.prediction("customer \(number)"),
                "seed \(seed)")
        }
    }

    @Test(arguments: [UInt64(4)])
    func `a record from before a switch is read as what the switch made of it, whichever comes first`(
        seed: UInt64
    ) throws {
        let visits = randomVisits(500, partitions: 6, seed: seed)
        let bench = Bench(partitions: 6)
        bench.engine.use(try model(1))
        for visit in visits[..<400] { bench.apply(visit) }
        var log = Log()
        log.save(&bench.engine)
        bench.engine.use(try model(2, units: 16))
        log.save(&bench.engine)
        bench.published = []
        for visit in visits[400...] { bench.apply(visit) }
        let models = log.records.filter { $0.key == [0xFE] }
        let others = log.records.filter { $0.key != [0xFE] }
        #expect(models.count == 2)
        for records in [models + others, [models[1]] + others, others + [models[1]]] {
            log.records = records
            let copy = Bench(partitions: 6)
            try log.restore(copy)
            for visit in visits[400...] { copy.apply(visit) }
            #expect(copy.published == bench.published, "seed \(seed)")
        }
    }

    @Test func `a snapshot without its model is refused`() throws {
        let bench = Bench(partitions: 6)
        bench.engine.use(try model(1))
        bench.visit(at: 0, 1)
        var log = Log()
        log.save(&bench.engine)
        log.records.removeAll { $0.key == [0xFE] }
        let copy = Bench(partitions: 6)
        #expect(
            throws: StateFailure.otherShape(
                "it needs the model of switch 1; the newest that came is of 0")
        ) { try log.restore(copy) }
    }

    @Test func `a snapshot with a model of another shape is refused`() throws {
        let (narrow, wide) = (Bench(partitions: 6), Bench(partitions: 6))
        narrow.engine.use(try model(1, units: 8))
        wide.engine.use(try model(1, units: 16))
        narrow.visit(at: 0, 1)
        var log = Log()
        log.save(&narrow.engine)
        let ann = try #require(log.records.first { $0.key == Array("ann".utf8) })
        #expect(throws: StateFailure.otherShape("a network of 8 units, not 16")) {
            try wide.engine.restore(customer: ann.key.span.bytes, state: ann.state?.span.bytes)
        }
        let other = Bench(partitions: 7)
        #expect(throws: StateFailure.otherShape("a model of 6 partitions, not 7")) {
            try log.restore(other)
        }
    }

    @Test func `a model in a snapshot that was cut off is refused`() throws {
        let bench = Bench(partitions: 6)
        bench.engine.use(try model(1))
        var log = Log()
        log.save(&bench.engine)
        let state = try #require(log.records.first?.state)
        for length in stride(from: 0, to: state.count, by: 101) {
            #expect(throws: StateFailure.self) {
                try bench.engine.restore(
                    customer: [0xFE].span.bytes, state: Array(state[..<length]).span.bytes)
            }
        }
    }

    @Test func `models of one name are told apart by what is in them`() throws {
        let labels = [try model(1), try model(1, units: 16), try model(2)].map(\.label)
        #expect(Set(labels).count == 3)
        #expect(labels.map { $0.prefix(3) } == ["m1/", "m1/", "m2/"])
        #expect(labels.allSatisfy { $0.count == 19 })
        #expect(try model(1).label == labels[0])
    }
}
