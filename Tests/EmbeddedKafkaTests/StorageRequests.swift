import Kafka
import SimulatedKafka

@testable import EmbeddedKafka

/// Makes requests of all kinds to a model that is stored, as a seed has it. Errors are answers like others.
struct StorageRequests {
    let stored: StoredModel
    /// Whether records are deleted and compacted.
    var deletes: Bool
    var random: Seeded
    private var holders: [String: ProducerIdentity] = [:]
    private var plain: ProducerIdentity?
    private var sequences: [String: Int32] = [:]
    private var last: (batch: EncodedBatch, place: TopicPartition, transactionalID: String?)?

    private var model: ClusterModel { stored.model }

    init(_ stored: StoredModel, seed: UInt64, deletes: Bool) {
        self.stored = stored
        self.deletes = deletes
        random = Seeded(seed)
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    mutating func make() {
        switch number(0...15) {
        case 0: try? changeTopics()
        case 1: model.advance(by: Int64(number(1...5) == 1 ? number(1...20_000) : number(1...200)))
        case 2: if deletes { model.cleanLogs() }
        case 3: if deletes { deleteSomething() }
        case 4, 5: try? commit()
        case 6: try? join()
        case 7, 8: try? produce(transactionally: false)
        case 9:
            if let last {
                _ = try? model.produce(last.batch, to: last.place, transactionalID: last.transactionalID)
            }
        case 10, 11: try? end()
        default: try? produce(transactionally: true)
        }
    }

    private mutating func place() -> TopicPartition {
        let topics = model.topicPartitionCounts.sorted { $0.key < $1.key }
        let topic = topics[number(0...topics.count - 1)]
        return TopicPartition(topic.key, Int32(number(0...Int(topic.value) - 1)))
    }

    private mutating func changeTopics() throws {
        let name = "t\(number(0...2))"
        switch number(0...3) {
        case 0:
            try model.createTopic(
                name, topicPartitions: 1,
                settings: TopicSettings(["retention.ms": "90000", "segment.bytes": "300"]))
        case 1: try model.deleteTopic(name)
        case 2: try model.addTopicPartitions(to: name, count: Int32(number(1...3)))
        default:
            let settings = [
                "cleanup.policy": ["delete", "compact", "compact,delete"][number(0...2)],
                "delete.retention.ms": "\(number(0...1) * 9_000)", "min.cleanable.dirty.ratio": "0.1",
                "segment.bytes": "\(number(200...2_000))",
            ]
            try model.alterSettings(of: place().topic, to: TopicSettings(settings))
        }
    }

    private mutating func deleteSomething() {
        let place = place()
        let (start, end) = (model.startOffset(place), model.endOffset(place))
        switch number(0...4) {
        case 0: try? model.deleteRecords(place, before: start + (end - start) / 3)
        case 1: try? model.deleteRecords(place, before: end)
        case 2: try? model.deleteGroup("g\(number(0...2))")
        default: _ = try? model.deleteOffsets([place], ofGroup: "g\(number(0...2))")
        }
    }

    private mutating func produce(transactionally: Bool) throws {
        let place = place()
        let id = "x\(number(0...2))"
        var producer: ProducerIdentity?
        if transactionally {
            if holders[id] == nil || number(0...20) == 0 {
                holders[id] = try model.initProducerID(transactionalID: id)
            }
            guard let holder = holders[id] else { return }
            producer = holder
            try model.addPartitions([place], transactionalID: id, producer: holder)
        } else {
            plain = try plain ?? model.initProducerID(transactionalID: nil)
            producer = number(0...3) == 0 ? nil : plain
        }
        let counter =
            "\(producer?.id ?? -1) \(producer?.epoch ?? -1) \(model.number(of: place.topic) ?? 0) \(place)"
        let count = number(1...3)
        let records = (0..<count).map { _ in
            (key: "k\(number(0...5))", value: number(0...5) == 0 ? nil : "\(number(0...999))")
        }
        let batch = try batchOf(
            records, by: producer, sequence: producer == nil ? -1 : sequences[counter] ?? 0,
            isTransactional: transactionally, at: model.now)
        last = (batch, place, transactionally ? id : nil)
        try model.produce(batch, to: place, transactionalID: transactionally ? id : nil)
        sequences[counter, default: 0] += Int32(count)
    }

    private mutating func end() throws {
        let id = "x\(number(0...2))"
        guard let producer = holders[id] else { return }
        try model.endTransaction(id, producer: producer, isCommit: number(0...2) > 0)
    }

    private mutating func commit() throws {
        let group = "g\(number(0...2))"
        let offsets = [
            place(): CommittedOffset(Int64(number(0...99)), leaderEpoch: 1, metadata: "m\(number(0...9))")
        ]
        let id = "x\(number(0...2))"
        if number(0...1) == 0, let producer = holders[id] {
            try model.addOffsets(ofGroup: group, transactionalID: id, producer: producer)
            try model.commitOffsets(
                offsets, group: group, by: Membership(), transactionalID: id, producer: producer)
        } else {
            try model.commitOffsets(offsets, group: group, by: Membership())
        }
    }

    /// A member that comes and goes, which is a generation more.
    private mutating func join() throws {
        let group = "g\(number(0...2))"
        var request = JoinRequest(
            memberID: "", clientID: "c", sessionTimeout: 30_000, rebalanceTimeout: 30_000,
            ways: [("range", [])])
        request.requiresName = false
        guard case .admitted(let id) = try model.joinGroup(group, request) else { return }
        request.memberID = id
        _ = try model.joinGroup(group, request)
        try model.leaveGroup(group, memberID: id)
    }
}
