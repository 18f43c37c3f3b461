import Kafka
import SimulatedKafka
import Testing

@Suite struct CleaningTests {
    let model = makeModel()

    init() { model.recoder = TextBatch() }

    func set(_ settings: [String: String]) throws {
        try model.alterSettings(of: "in", to: TopicSettings(settings))
    }

    func compacting(_ more: [String: String] = [:]) throws {
        try set(["cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0"].merging(more) { $1 })
    }

    /// Writes a batch with these keys and values; ` ` between them.
    func write(_ records: String..., at time: Int64 = 0) throws {
        let pairs = records.map { record in
            let words = record.split(separator: " ").map(String.init)
            return (key: words[0] == "-" ? nil : words[0], value: words[1] == "-" ? nil : words[1])
        }
        try model.produce(TextBatch.encode(pairs, at: time), to: zero)
    }

    @Test func `what is older than the retention goes, up to the first that is not`() throws {
        try set(["retention.ms": "100"])
        for time in [0, 40, 10, 200] as [Int64] { try write("k \(time)", at: time) }
        model.advance(to: 140)
        model.cleanLogs()
        #expect(try model.contents(zero) == ["1 k 40", "2 k 10", "3 k 200"])
        model.advance(to: 1_000)
        model.cleanLogs()
        #expect(model.startOffset(zero) == 4)
        #expect(model.endOffset(zero) == 4)
        #expect(try write("k new") == ())
        #expect(try model.contents(zero) == ["4 k new"])
    }

    @Test func `what is more than the retention goes, from the start`() throws {
        for number in 0..<5 { try write("k \(number)") }
        let size = model.size(of: zero) / 5
        try set(["retention.bytes": "\(2 * size + 1)", "retention.ms": "-1"])
        model.cleanLogs()
        #expect(try model.contents(zero).count == 3)
        #expect(model.size(of: zero) == 3 * size)
    }

    @Test func `compaction keeps the newest record of each key where it stands`() throws {
        try compacting()
        try write("a 1", "b 1", "a 2")
        try write("c 1", "c 2")
        try write("b 2")
        try write("c 3", "- unkeyed")
        model.cleanLogs()
        #expect(try model.contents(zero) == ["2 a 2", "5 b 2", "6 c 3"])
        let middle = try model.fetch(zero, from: 1, readsCommitted: true)
        #expect(middle.entries.first?.offset == 0, "a batch keeps its range")
        #expect(try model.fetch(zero, from: 3, readsCommitted: true).entries.first?.offset == 5)
    }

    @Test func `tombstones stay for a while`() throws {
        try compacting(["delete.retention.ms": "100"])
        try write("a 1", at: 10)
        try write("a -", at: 20)
        try write("b 1", at: 20)
        model.advance(to: 119)
        model.cleanLogs()
        #expect(try model.contents(zero) == ["1 a -", "2 b 1"])
        try write("b 2", at: 119)
        model.advance(to: 120)
        model.cleanLogs()
        #expect(try model.contents(zero) == ["3 b 2"])
    }

    @Test func `what is young or of an open transaction is not compacted`() throws {
        try compacting(["min.compaction.lag.ms": "50"])
        try write("a 1", at: 10)
        try write("a 2", at: 20)
        try write("a 3", at: 60)
        model.advance(to: 100)
        model.cleanLogs()
        #expect(try model.contents(zero) == ["1 a 2", "2 a 3"])
        var open = try RawProducer(model, "t")
        try open.write("x", to: zero)
        try write("a 4", at: 100)
        model.advance(to: 1_000)
        model.cleanLogs()
        #expect(try model.contents(zero).count == 3)
    }

    @Test func `only a log that is dirty enough is compacted, or one that waited long enough`() throws {
        try compacting(["min.cleanable.dirty.ratio": "0.5", "max.compaction.lag.ms": "1000"])
        for number in 0..<4 { try write("k\(number) 1") }
        model.cleanLogs()
        try write("k0 2", at: 1)
        model.cleanLogs()
        #expect(try model.contents(zero).count == 5)
        model.advance(to: 1_002)
        model.cleanLogs()
        #expect(try model.contents(zero).count == 4)
    }

    @Test func `aborted records vanish, and markers when nothing is left of what they end`() throws {
        try compacting(["delete.retention.ms": "100"])
        func transaction(_ key: String, _ isCommit: Bool) throws {
            let producer = try model.initProducerID(transactionalID: key)
            try model.addPartitions([zero], transactionalID: key, producer: producer)
            let batch = TextBatch.encode([(key, "1")], by: producer, sequence: 0, isTransactional: true)
            try model.produce(batch, to: zero, transactionalID: key)
            try model.endTransaction(key, producer: producer, isCommit: isCommit)
        }
        try transaction("gone", false)
        try transaction("kept", true)
        model.cleanLogs()
        #expect(try model.contents(zero) == ["1 abort", "2 kept 1", "3 commit"])
        #expect(try model.fetch(zero, from: 0, readsCommitted: true).aborted.map(\.last) == [1])
        model.advance(to: 100)
        try write("other 1", at: 100)
        model.cleanLogs()
        let answer = try model.fetch(zero, from: 0, readsCommitted: true)
        #expect(try model.contents(zero) == ["2 kept 1", "3 commit", "4 other 1"])
        #expect(answer.aborted == [], "nobody is told to wait for a marker that is gone")
    }

    @Test func `a log with a batch that cannot be read stays as it is`() throws {
        try compacting()
        try write("a 1")
        try write("a 2")
        var damaged = TextBatch.encode([("a", "3")])
        damaged.bytes = [65]
        try model.produce(damaged, to: zero)
        model.cleanLogs()
        #expect(try model.fetch(zero, from: 0, readsCommitted: true).entries.count == 3)
    }

    @Test func `compaction by the driver leaves encoded batches alone`() throws {
        try write("a 1")
        try write("a 2")
        model.append(zero, key: [97], value: [51])
        model.append(zero, key: [97], value: [52])
        model.compact(zero, dropsTombstones: true)
        #expect(try model.contents(zero) == ["0 a 1", "1 a 2", "3 a 4"])
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `who reads a compacted log from its start ends up with the newest of each key`(seed: UInt64) throws {
        var random = Seeded(state: seed)
        try compacting(["delete.retention.ms": "0", "min.compaction.lag.ms": "\(seed % 3 * 40)"])
        var newest: [String: String] = [:]
        for step in 0..<200 {
            model.advance(by: 10)
            let keys = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                "k\(Int.random(in: 0..<8, using: &random))"
            }
            let values = keys.indices.map {
                Int.random(in: 0..<4, using: &random) == 0 ? nil : "\(step).\($0)"
            }
            let pairs = zip(keys, values).map { (key: String?.some($0), value: $1) }
            if Int.random(in: 0..<3, using: &random) > 0 {
                try model.produce(TextBatch.encode(pairs, at: model.now), to: zero)
                for (key, value) in zip(keys, values) { newest[key] = value }
            } else {
                let isCommit = Bool.random(using: &random)
                let producer = try model.initProducerID(transactionalID: "t")
                try model.addPartitions([zero], transactionalID: "t", producer: producer)
                let batch = TextBatch.encode(
                    pairs, by: producer, sequence: 0, isTransactional: true, at: model.now)
                try model.produce(batch, to: zero, transactionalID: "t")
                try model.endTransaction("t", producer: producer, isCommit: isCommit)
                if isCommit { for (key, value) in zip(keys, values) { newest[key] = value } }
            }
            if Int.random(in: 0..<5, using: &random) == 0 { model.cleanLogs() }
        }
        model.cleanLogs()
        var read: [String: String] = [:]
        let answer = try model.fetch(zero, from: 0, readsCommitted: true)
        for entry in answer.entries {
            guard case .batch(let batch) = entry.content else { continue }
            let isAborted = answer.aborted.contains {
                $0.producerID == entry.producer?.id && ($0.first...$0.last).contains(entry.offset)
            }
            if isAborted { continue }
            for words in TextBatch.lines(batch) { read[words[1]] = words[2] == "-" ? nil : words[2] }
        }
        #expect(read == newest, "seed \(seed)")
    }
}
