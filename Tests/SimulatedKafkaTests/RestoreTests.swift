import Kafka
import SimulatedKafka
import Testing

/// Collects what a model tells of its changes.
final class Journal {
    var changes: [ClusterChange] = []
}

@Suite struct RestoreTests {
    /// All that can be seen of a model but for the members of its groups.
    struct View: Equatable {
        var state: [ClusterChange]
        var logs: [TopicPartition: FetchAnswer] = [:]
        var offsets: [String: CommittedOffsets] = [:]
        var stable: [String: CommittedOffsets] = [:]
        var generations: [String: Int32] = [:]

        init(_ model: ClusterModel, readsCommitted: Bool = false) throws {
            state = model.state()
            for place in places(model) {
                logs[place] = try model.fetch(
                    place, from: model.startOffset(place), readsCommitted: readsCommitted)
            }
            // A group that never got further than to a name is not worth a change.
            for group in model.groupNames {
                generations[group] = model.generation(ofGroup: group)
                offsets[group] = model.committedOffsets(group)
                stable[group] = model.committedOffsets(group, requiresStable: true)
            }
        }
    }

    static func places(_ model: ClusterModel) -> [TopicPartition] {
        model.topicPartitionCounts.flatMap { topic, count in (0..<count).map { TopicPartition(topic, $0) } }
    }

    /// A model after many requests, and what it told of.
    func driven(_ seed: UInt64, _ journal: Journal) -> ClusterModel {
        let model = ClusterModel()
        model.recoder = TextBatch()
        model.delaysMarkers = seed % 2 == 0
        model.onChange = { journal.changes.append($0) }
        for topic in ["in", "out"] { model.createTopic(topic, topicPartitions: 2) }
        var requests = RandomRequests(model, seed: seed)
        for _ in 0..<400 { requests.make() }
        return model
    }

    func restored(_ changes: [ClusterChange], like model: ClusterModel) -> ClusterModel {
        let copy = ClusterModel()
        copy.recoder = model.recoder
        copy.delaysMarkers = model.delaysMarkers
        copy.onChange = { Issue.record("told of \($0)") }
        copy.advance(to: model.now)
        for change in changes { copy.restore(change) }
        copy.onChange = nil
        return copy
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `a model is what its changes make of an empty one`(seed: UInt64) throws {
        let journal = Journal()
        let model = driven(seed, journal)
        let copy = restored(journal.changes, like: model)
        #expect(try View(copy) == View(model), "seed \(seed)")
        #expect(try View(copy, readsCommitted: true) == View(model, readsCommitted: true), "seed \(seed)")

        // What producers are answered from here on.
        for place in Self.places(model) {
            for id in 0..<6 as Range<Int64> {
                for (epoch, sequence) in [(0, 0), (0, 7), (1, 0), (1, 3), (0, 1)] as [(Int16, Int32)] {
                    let batch = TextBatch.encode(
                        [("k", "v")], by: ProducerIdentity(id: id, epoch: epoch), sequence: sequence)
                    let answers = [model, copy].map { model in
                        Result { try model.produce(batch, to: place) }.mapError {
                            $0 as? ErrorCode ?? .invalidConfig
                        }
                    }
                    #expect(answers[0] == answers[1], "seed \(seed)")
                }
            }
        }
        #expect(
            try copy.initProducerID(transactionalID: nil) == model.initProducerID(transactionalID: nil))
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `the state and the entries that are left are enough`(seed: UInt64) throws {
        let model = driven(seed, Journal())
        var changes = model.state()
        for place in Self.places(model) {
            let log = try model.fetch(place, from: model.startOffset(place), readsCommitted: false)
            changes += log.entries.map { .appended(place, [$0]) }
        }
        let copy = restored(changes, like: model)
        #expect(copy.state() == model.state(), "seed \(seed)")
        for place in Self.places(model) {
            #expect(try copy.contents(place) == model.contents(place), "seed \(seed)")
            #expect(copy.endOffset(place) == model.endOffset(place), "seed \(seed)")
            // An open transaction of which all entries were deleted holds nothing back after a restart.
            let stable = model.lastStableOffset(place)
            if stable > model.startOffset(place) {
                #expect(copy.lastStableOffset(place) == stable, "seed \(seed)")
            }
        }
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `transactions that were decided are ended after a restart`(seed: UInt64) throws {
        let journal = Journal()
        let model = driven(seed, journal)
        let copy = restored(journal.changes, like: model)
        copy.finishRestore()
        for model in [model, copy] { model.advance(by: 10_000) }
        for place in Self.places(model) {
            func records(_ model: ClusterModel) throws -> [String] {
                let answer = try model.fetch(place, from: model.startOffset(place), readsCommitted: true)
                return answer.entries.filter { entry in
                    !answer.aborted.contains {
                        $0.producerID == entry.producer?.id && ($0.first...$0.last).contains(entry.offset)
                    }
                }.compactMap {
                    if case .batch(let batch) = $0.content {
                        "\($0.offset) \(TextBatch.lines(batch))"
                    } else {
                        nil
                    }
                }
            }
            #expect(try records(copy) == records(model), "seed \(seed)")
        }
        for group in model.groupNames {
            let expected = model.committedOffsets(group, requiresStable: true)
            #expect(copy.committedOffsets(group, requiresStable: true) == expected, "seed \(seed)")
        }
        // What is open is open in both, and times out.
        for model in [model, copy] { model.advance(by: 200_000) }
        for place in Self.places(copy) {
            #expect(copy.lastStableOffset(place) == copy.endOffset(place), "seed \(seed)")
        }
    }

    @Test func `what nobody will end is given up`() throws {
        let model = makeModel()
        let producer = ProducerIdentity(id: 7, epoch: 2)
        let batch = TextBatch.encode([("k", "v")], by: producer, sequence: 0, isTransactional: true)
        model.restore(
            .appended(
                zero,
                [
                    LogEntry(
                        offset: 0, last: 0, producer: producer, sequence: 0, isTransactional: true,
                        timestamp: 0, hasAppendTime: false, content: .batch(batch))
                ]))
        #expect(model.lastStableOffset(zero) == 0)
        model.finishRestore()
        #expect(model.lastStableOffset(zero) == 2)
        #expect(try model.contents(zero) == ["0 k v", "1 abort"])
    }

    @Test func `a marker that arrived before the restart is not sent again`() throws {
        let model = makeModel()
        let journal = Journal()
        model.delaysMarkers = true
        for change in model.state() { journal.changes.append(change) }
        model.onChange = { journal.changes.append($0) }
        var producer = try RawProducer(model, "t")
        try producer.write("a", to: zero)
        producer.sequence = 0
        try producer.write("b", to: one)
        try producer.end(true)
        model.deliverMarkers(1)
        let copy = restored(journal.changes, like: model)
        copy.delaysMarkers = false
        copy.finishRestore()
        for place in [zero, one] {
            #expect(copy.endOffset(place) == 2)
            #expect(try copy.values(place).count == 1)
        }
    }

    @Test func `members are forgotten, but no generation comes twice`() throws {
        let model = makeModel()
        let journal = Journal()
        model.onChange = { journal.changes.append($0) }
        let consumer = try SimulatedProcess(model).consumer()
        try consumer.subscribe(to: ["in"])
        try consumer.settle()
        try consumer.commit([zero: 5])
        let id = try #require(model.members(ofGroup: "g").keys.first)
        let copy = restored(journal.changes, like: model)
        let membership = Membership(memberID: id, generation: 1)
        #expect(code { try copy.heartbeat("g", membership) } == .unknownMemberID)
        #expect(copy.generation(ofGroup: "g") == 1)
        #expect(copy.describeGroup("g").state == "Empty")
        #expect(copy.committedOffset("g", zero) == 5)
    }
}
