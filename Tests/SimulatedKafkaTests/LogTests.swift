import Kafka
import SimulatedKafka
import Testing

@Suite struct LogTests {
    let model = makeModel()

    @Test func `records have rising offsets and markers take one each`() throws {
        var producer = try RawProducer(model, "a")
        try producer.write("1", "2", to: zero)
        try producer.end(true)
        model.append(zero, "3")
        let answer = try model.fetch(zero, from: 0, maximum: 100, readsCommitted: true)
        #expect(answer.records.map(\.offset) == [0, 1, 3])
        #expect(answer.entries.map(\.offset) == [0, 1, 2, 3])
        #expect(answer.next == 4)
    }

    @Test func `the last stable offset is where the earliest open transaction begins`() throws {
        var a = try RawProducer(model, "a")
        var b = try RawProducer(model, "b")
        model.append(zero, "0")
        try a.write("a", to: zero)
        try b.write("b", to: zero)
        model.append(zero, "3")
        #expect(model.lastStableOffset(zero) == 1)
        #expect(try model.values(zero) == ["0"])
        #expect(try model.values(zero, committed: false) == ["0", "a", "b", "3"])
        try b.end(true)
        #expect(model.lastStableOffset(zero) == 1)
        try a.end(true)
        #expect(model.lastStableOffset(zero) == model.endOffset(zero))
        #expect(try model.values(zero) == ["0", "a", "b", "3"])
    }

    @Test func `aborted records are hidden and count as read`() throws {
        var a = try RawProducer(model, "a")
        try a.write("lost", to: zero)
        try a.end(false)
        try a.write("kept", to: zero)
        try a.end(true)
        let answer = try model.fetch(zero, from: 0, maximum: 100, readsCommitted: true)
        #expect(answer.records.map { text($0.value) } == ["kept"])
        #expect(answer.aborted.map(\.first) == [0])
        #expect(answer.next == 4)
        #expect(try model.values(zero, committed: false) == ["lost", "kept"])
    }

    @Test func `a batch that comes again is acknowledged and not appended`() throws {
        let producer = try model.initProducerID(transactionalID: nil)
        #expect(try model.produce([record("a"), record("b")], to: zero, by: producer, sequence: 0) == 0)
        #expect(try model.produce([record("c")], to: zero, by: producer, sequence: 2) == 2)
        #expect(try model.produce([record("a"), record("b")], to: zero, by: producer, sequence: 0) == 0)
        #expect(try model.values(zero) == ["a", "b", "c"])
        let gap = code { try model.produce([record("e")], to: zero, by: producer, sequence: 4) }
        #expect(gap == .outOfOrderSequenceNumber)
    }

    @Test func `records below an offset can be deleted`() throws {
        model.append(zero, "a", "b", "c")
        try model.deleteRecords(zero, before: 2)
        #expect(try model.values(zero) == ["c"])
        let tooLow = code { _ = try model.fetch(zero, from: 1, maximum: 1, readsCommitted: true) }
        #expect(tooLow == .offsetOutOfRange)
    }

    @Test func `compaction keeps the newest of each key and never touches open transactions`() throws {
        for (key, value) in [("x", "1"), ("y", "2"), ("x", "3")] {
            model.append(zero, key: Array(key.utf8), value: Array(value.utf8))
        }
        model.append(zero, key: Array("y".utf8), value: nil)
        var aborted = try RawProducer(model, "aborted")
        try aborted.write("gone", to: zero)
        try aborted.end(false)
        var open = try RawProducer(model, "open")
        try open.write("open", to: zero)
        model.append(zero, key: Array("x".utf8), value: Array("later".utf8))
        let end = model.endOffset(zero)

        model.compact(zero)
        #expect(try model.values(zero, committed: false) == ["3", "-", "open", "later"])
        model.compact(zero, dropsTombstones: true)
        #expect(try model.values(zero, committed: false) == ["3", "open", "later"])
        try open.end(true)
        model.compact(zero)
        let answer = try model.fetch(zero, from: 0, maximum: 100, readsCommitted: true)
        #expect(answer.records.map { text($0.value) } == ["open", "later"])
        #expect(answer.records.map(\.offset) == [6, 7])
        #expect(model.endOffset(zero) == end + 1)
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `readers of committed records see each transaction's records once, in order`(seed: UInt64) throws {
        var random = Seeded(state: seed)
        model.delaysMarkers = Bool.random(using: &random)
        var producers = try (0..<3).map { try RawProducer(model, "t\($0)") }
        var open: [Int: [(TopicPartition, String)]] = [:]
        var committed: [TopicPartition: [String]] = [:]
        var positions: [TopicPartition: Int64] = [zero: 0, one: 0]
        var seen: [TopicPartition: [String]] = [:]
        for step in 0..<300 {
            let number = Int.random(in: 0..<3, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let place = Bool.random(using: &random) ? zero : one
                // Each topic partition counts its sequences by itself: a producer stays with one.
                let own = number % 2 == 0 ? zero : one
                guard place == own else { continue }
                do {
                    try producers[number].write("\(step)", to: own)
                    open[number, default: []].append((own, "\(step)"))
                } catch ErrorCode.concurrentTransactions { continue }
            case 5, 6:
                guard let records = open.removeValue(forKey: number) else { continue }
                let isCommit = Bool.random(using: &random)
                try producers[number].end(isCommit)
                if isCommit { for (place, value) in records { committed[place, default: []].append(value) } }
            case 7: model.advance(by: 60)
            default:
                for (place, position) in positions {
                    let maximum = Int.random(in: 1...5, using: &random)
                    let answer = try model.fetch(
                        place, from: position, maximum: maximum, readsCommitted: true)
                    seen[place, default: []] += answer.records.map { text($0.value) }
                    positions[place] = answer.next
                }
            }
        }
        for number in open.keys.sorted() { try producers[number].end(false) }
        model.deliverMarkers()
        for (place, position) in positions {
            let answer = try model.fetch(place, from: position, maximum: .max, readsCommitted: true)
            seen[place, default: []] += answer.records.map { text($0.value) }
            #expect(seen[place]?.sorted() == committed[place]?.sorted(), "seed \(seed)")
            #expect(seen[place]?.compactMap { Int($0) } == seen[place]?.compactMap { Int($0) }.sorted())
        }
    }
}
