import Foundation
import Kafka
import SimulatedKafka
import Testing

@testable import EmbeddedKafka

@Suite struct StorageRecoveryTests {
    static let seeds: Range<UInt64> = 0..<40

    private func driven(_ folder: TemporaryFolder, seed: UInt64, deletes: Bool, requests: Int = 300) throws
        -> StoredModel
    {
        let stored = try StoredModel(folder, at: 1_700_000_000_000)
        for topic in ["in", "out"] { stored.model.createTopic(topic, topicPartitions: 2) }
        var random = StorageRequests(stored, seed: seed, deletes: deletes)
        for _ in 0..<requests {
            random.make()
            try stored.flush()
        }
        return stored
    }

    /// What a broker finds that is started after another one was killed.
    private func recovered(_ folder: TemporaryFolder, like stored: StoredModel, finishes: Bool = false) throws
        -> StoredModel
    {
        // A copy, for the lock of the one that is compared with.
        try StoredModel(try folder.copied(), at: stored.model.now, finishes: finishes)
    }

    @Test(arguments: seeds, [false, true])
    func `what was there is there again`(seed: UInt64, deletes: Bool) throws {
        let folder = try TemporaryFolder()
        let stored = try driven(folder, seed: seed, deletes: deletes)
        let copy = try recovered(folder, like: stored)
        let expected = try ClusterView(stored.model)
        try ClusterView(copy.model).expectSame(as: expected, seed)
        // Of deleted batches it is not known any more that they were there.
        if deletes { return }
        #expect(try folder.files(".log").count > 5, "segments are rolled")
        for place in expected.logs.keys {
            for id in 0..<6 as Range<Int64> {
                for (epoch, sequence) in [(0, 0), (0, 7), (1, 0), (1, 3), (0, 1)] as [(Int16, Int32)] {
                    let batch = try batchOf(
                        [("k", "v")], by: ProducerIdentity(id: id, epoch: epoch), sequence: sequence, at: 1)
                    let answers = [stored.model, copy.model].map { model in
                        Result { try model.produce(batch, to: place) }.mapError {
                            $0 as? ErrorCode ?? .invalidConfig
                        }
                    }
                    #expect(answers[0] == answers[1], "seed \(seed)")
                }
            }
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `a broker that is killed again and again goes on like one that was not`(seed: UInt64) throws {
        var folder = try TemporaryFolder()
        var stored = try driven(folder, seed: seed, deletes: true, requests: 100)
        for round in 1...4 as ClosedRange<UInt64> {
            let now = stored.model.now
            let next = try folder.copied()
            stored = try StoredModel(next, at: now)
            let before = try ClusterView(stored.model)
            let again = try StoredModel(try next.copied(), at: now)
            try ClusterView(again.model).expectSame(as: before, seed)
            var random = StorageRequests(stored, seed: seed + round * 1_000, deletes: true)
            for _ in 0..<60 {
                random.make()
                try stored.flush()
            }
            folder = next
            let copy = try recovered(folder, like: stored)
            try ClusterView(copy.model).expectSame(as: ClusterView(stored.model), seed)
        }
    }

    @Test(arguments: 0..<14)
    func `a transaction is whole wherever the broker is killed`(changes: Int) throws {
        let folder = try TemporaryFolder()
        let stored = try StoredModel(folder)
        let model = stored.model
        model.createTopic("in", topicPartitions: 3)
        let places = (0..<3 as Range<Int32>).map { TopicPartition("in", $0) }
        let producer = try model.initProducerID(transactionalID: "t")
        try model.addPartitions(places, transactionalID: "t", producer: producer)
        for place in places {
            try stored.produce(["a"], to: place, by: producer, sequence: 0, transactionalID: "t")
        }
        try model.addOffsets(ofGroup: "g", transactionalID: "t", producer: producer)
        try model.commitOffsets(
            [places[0]: 7], group: "g", by: Membership(), transactionalID: "t", producer: producer)
        stored.changesLeft = changes
        try model.endTransaction("t", producer: producer, isCommit: true)

        let copy = try StoredModel(try folder.copied())
        // Whoever wrote it is gone, too.
        copy.model.advance(by: 1_000_000)
        let isCommit = changes > 0
        for place in places {
            let log = try #require(try ClusterView(copy.model).logs[place])
            #expect(log.entries.map(\.isAborted) == [!isCommit, false])
            #expect(log.stable == log.end)
        }
        #expect(copy.model.committedOffset("g", places[0]) == (isCommit ? 7 : nil))
        #expect(copy.model.committedOffsets("g", requiresStable: true).unstable.isEmpty)
    }

    @Test func `plain records are there again, in one batch if they came at once`() throws {
        let folder = try TemporaryFolder()
        let stored = try StoredModel(folder, at: 5_000)
        stored.model.createTopic(topic, topicPartitions: 1)
        let producer = ProducerIdentity(id: 4, epoch: 1)
        let records = [
            makeRecord("a", "1", at: 1_000), makeRecord("b", nil, at: 3_000), makeRecord(nil, "2"),
        ]
        try stored.model.produce(records, to: place, by: producer, sequence: 6)
        try stored.model.produce([records[0]], to: place, by: producer, sequence: 9)
        let copy = try recovered(folder, like: stored).model
        let entries = try copy.fetch(place, from: 0, readsCommitted: false).entries
        #expect(entries.map(\.offset) == [0, 3])
        #expect(entries.map(\.timestamp) == [3_000, 1_000])
        guard case .batch(let batch) = entries[0].content else { return #expect(Bool(false)) }
        #expect(try batch.records().map(\.key) == records.map(\.key))
        #expect(try batch.records().map(\.timestamp) == records.map(\.timestamp))
        // Both come again.
        #expect(try copy.produce(records, to: place, by: producer, sequence: 6) == 0)
        #expect(try copy.produce([records[0]], to: place, by: producer, sequence: 9) == 3)
    }

    @Test func `batches without a time are as old as their file`() throws {
        let folder = try TemporaryFolder()
        let stored = try StoredModel(folder, at: Broker.now)
        stored.model.createTopic(topic, topicPartitions: 1)
        try stored.model.produce(try batchOf([("a", "b")], at: -1), to: place)
        stored.model.cleanLogs()
        let copy = try recovered(folder, like: stored).model
        copy.cleanLogs()
        let entry = try #require(try copy.fetch(place, from: 0, readsCommitted: false).entries.first)
        #expect(abs(entry.timestamp - Broker.now) < 600_000)
    }

    @Test func `a topic that is created anew has nothing of the one before`() throws {
        let folder = try TemporaryFolder()
        let stored = try StoredModel(folder)
        let model = stored.model
        model.createTopic(topic, topicPartitions: 1)
        try stored.produce(["a"], to: place)
        let old = try folder.copied()
        try model.deleteTopic(topic)
        model.createTopic(topic, topicPartitions: 1)
        #expect(try folder.files(".log").isEmpty)
        // As if the deletion had not got to the folder when the broker was killed.
        let copy = try folder.copied()
        try FileManager.default.createDirectory(
            at: copy.url.appending(path: "topics"), withIntermediateDirectories: true)
        try? FileManager.default.removeItem(at: copy.url.appending(path: "topics/0"))
        try FileManager.default.copyItem(
            at: old.url.appending(path: "topics/0"), to: copy.url.appending(path: "topics/0"))
        #expect(try StoredModel(copy).model.endOffset(place) == 0)
        #expect(try copy.files(".log").isEmpty)
    }

    @Test func `who a broker is stays the same`() throws {
        let folder = try TemporaryFolder()
        let identity = try StoredModel(folder).storage.identity
        #expect(identity.clusterID.count == 36)
        #expect(try StoredModel(folder).storage.identity == identity)
        #expect(try StoredModel(TemporaryFolder()).storage.identity != identity)
    }
}
