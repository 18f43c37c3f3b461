import Kafka
import SimulatedKafka

/// Makes requests of all kinds to a model, as a seed has it. Errors are answers like others.
struct RandomRequests {
    let model: ClusterModel
    var random: Seeded
    private var idempotent: [ProducerIdentity] = []
    private var holders: [String: ProducerIdentity] = [:]
    private var sequences: [String: Int32] = [:]
    private var members: [String: Membership] = [:]
    private var last: (batch: EncodedBatch, place: TopicPartition, transactionalID: String?)?

    init(_ model: ClusterModel, seed: UInt64) {
        self.model = model
        random = Seeded(state: seed)
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    mutating func make() {
        switch number(0...15) {
        case 0: try? changeTopics()
        case 1: model.advance(by: Int64(number(1...5) == 1 ? number(1...20_000) : number(1...200)))
        case 2: model.deliverMarkers(number(0...2))
        case 3: model.cleanLogs()
        case 4: deleteSomething()
        case 5, 6: try? commit()
        case 7, 8: try? join()
        case 9, 10: try? produce(transactionally: false)
        case 11:
            if let last {
                _ = try? model.produce(last.batch, to: last.place, transactionalID: last.transactionalID)
            }
        case 12: try? end()
        default: try? produce(transactionally: true)
        }
    }

    private mutating func place() -> TopicPartition {
        let topics = model.topicPartitionCounts.sorted { $0.key < $1.key }
        let topic = topics[number(0...topics.count - 1)]
        return TopicPartition(topic.key, Int32(number(0...Int(topic.value) - 1)))
    }

    private mutating func changeTopics() throws {
        let name = "t\(number(0...3))"
        switch number(0...3) {
        case 0:
            try model.createTopic(
                name, topicPartitions: 1, settings: TopicSettings(["retention.ms": "90000"]))
        case 1: if number(0...3) == 0 { try model.deleteTopic(name) }
        case 2: try model.addTopicPartitions(to: name, count: Int32(number(1...3)))
        default:
            let policy = ["delete", "compact", "compact,delete"][number(0...2)]
            let settings = [
                "cleanup.policy": policy, "delete.retention.ms": "\(number(0...1) * 9_000)",
                "min.cleanable.dirty.ratio": "0.1",
            ]
            try model.alterSettings(of: place().topic, to: TopicSettings(settings))
        }
    }

    private mutating func deleteSomething() {
        let place = place()
        let (start, end) = (model.startOffset(place), model.endOffset(place))
        switch number(0...5) {
        case 0: try? model.deleteRecords(place, before: start + (end - start) / 3)
        case 1: try? model.deleteGroup("g\(number(0...2))")
        case 2: _ = try? model.deleteOffsets([place], ofGroup: "g\(number(0...2))")
        case 3: model.append(place, key: [65], value: nil)
        default: break
        }
    }

    private mutating func produce(transactionally: Bool) throws {
        let place = place()
        let id = "x\(number(0...2))"
        var producer: ProducerIdentity
        if transactionally {
            if holders[id] == nil || number(0...30) == 0 {
                holders[id] = try model.initProducerID(transactionalID: id)
            }
            guard let holder = holders[id] else { return }
            producer = holder
            try model.addPartitions([place], transactionalID: id, producer: producer)
        } else {
            if idempotent.count < 2 { idempotent.append(try model.initProducerID(transactionalID: nil)) }
            producer = idempotent[number(0...1) % idempotent.count]
        }
        let records = (0..<number(1...3)).map { _ in
            (key: String?.some("k\(number(0...5))"), value: number(0...5) == 0 ? nil : "\(number(0...999))")
        }
        let counter = "\(producer) \(place)"
        let batch = TextBatch.encode(
            records, by: producer, sequence: sequences[counter] ?? 0, isTransactional: transactionally,
            at: model.now)
        last = (batch, place, transactionally ? id : nil)
        try model.produce(batch, to: place, transactionalID: transactionally ? id : nil)
        sequences[counter, default: 0] += Int32(records.count)
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
        let membership = number(0...1) == 0 ? members[group] ?? Membership() : Membership()
        let id = "x\(number(0...2))"
        if number(0...1) == 0, let producer = holders[id] {
            try model.addOffsets(ofGroup: group, transactionalID: id, producer: producer)
            try model.commitOffsets(
                offsets, group: group, by: membership, transactionalID: id, producer: producer)
        } else {
            try model.commitOffsets(offsets, group: group, by: membership)
        }
    }

    private mutating func join() throws {
        let group = "g\(number(0...2))"
        if let member = members[group], number(0...1) == 0 {
            members[group] = nil
            return try model.leaveGroup(group, memberID: member.memberID)
        }
        var request = JoinRequest(
            memberID: "", clientID: "c", sessionTimeout: 30_000, rebalanceTimeout: 30_000,
            ways: [("range", [])])
        request.requiresName = false
        guard case .admitted(let id) = try model.joinGroup(group, request) else { return }
        request.memberID = id
        guard case .joined(let generation, _, _, _) = try model.joinGroup(group, request) else { return }
        members[group] = Membership(memberID: id, generation: generation)
        _ = try model.syncGroup(group, Membership(memberID: id, generation: generation))
    }
}
