import Kafka
import SimulatedKafka
import Testing

let zero = TopicPartition("in", 0)
let one = TopicPartition("in", 1)

/// A cluster with the topics `in` and `out`, two topic partitions each.
func makeModel() -> ClusterModel {
    let model = ClusterModel()
    for topic in ["in", "out"] { model.createTopic(topic, topicPartitions: 2) }
    return model
}

func record(_ value: String?, key: String? = nil) -> StoredRecord {
    StoredRecord(
        place: zero, offset: 0, key: key.map { Array($0.utf8) }, value: value.map { Array($0.utf8) })
}

func text(_ bytes: [UInt8]?) -> String { bytes.map { String(decoding: $0, as: UTF8.self) } ?? "-" }

extension ClusterModel {
    /// The values that readers of committed records see, or of all.
    func values(_ place: TopicPartition, committed: Bool = true) throws -> [String] {
        try fetch(place, from: startOffset(place), maximum: .max, readsCommitted: committed).records
            .map { text($0.value) }
    }

    func append(_ place: TopicPartition, _ values: String...) {
        for value in values { append(place, key: nil, value: Array(value.utf8)) }
    }
}

/// A transactional producer at the level of requests.
struct RawProducer {
    let model: ClusterModel
    let id: String
    let identity: ProducerIdentity
    var sequence: Int32 = 0

    init(_ model: ClusterModel, _ id: String) throws {
        self.model = model
        self.id = id
        do {
            identity = try model.initProducerID(transactionalID: id)
        } catch ErrorCode.concurrentTransactions {
            identity = try model.initProducerID(transactionalID: id)
        }
    }

    mutating func write(_ values: String..., to place: TopicPartition) throws {
        try model.addPartitions([place], transactionalID: id, producer: identity)
        try model.produce(
            values.map { record($0) }, to: place, by: identity, sequence: sequence, transactionalID: id)
        sequence += Int32(values.count)
    }

    func end(_ isCommit: Bool) throws {
        try model.endTransaction(id, producer: identity, isCommit: isCommit)
    }
}

/// What came out of polls, as text.
struct Seen: Equatable {
    var values: [String] = []
    var ends: [String] = []
}

extension SimulatedProcess {
    func consumer(group: String = "g", client: String = "c") throws -> any StreamConsumer {
        try makeConsumer(group: group, client: client)
    }

    func producer(_ transactionalID: String?) throws -> any StreamProducer {
        let producer = try makeProducer(client: "p", transactionalID: transactionalID)
        if transactionalID != nil { try producer.initTransactions(timeoutMilliseconds: 0) }
        return producer
    }
}

extension StreamConsumer {
    func take(_ maximum: Int = 100) -> Seen {
        var seen = Seen()
        let batch = poll(maximum: maximum, timeoutMilliseconds: 0)
        for i in 0..<batch.count {
            switch batch.event(at: i) {
            case nil: seen.values.append(text(StoredRecord(batch.record(at: i)).value))
            case .end(let place, let next): seen.ends.append("\(place)@\(next)")
            case .failure(let error): Issue.record("\(error)")
            }
        }
        return seen
    }

    /// Polls once and answers what the group decided with what it wants.
    @discardableResult
    func settle() throws -> Rebalance? {
        _ = poll(maximum: 0, timeoutMilliseconds: 0)
        guard let rebalance = takeRebalance() else { return nil }
        try accept(rebalance, startingAt: [:])
        return rebalance
    }
}

extension StreamProducer {
    func send(_ values: String..., to place: TopicPartition) throws {
        var buffer = RecordBuffer(topics: [place.topic])
        for value in values {
            buffer.append(
                topic: 0, partition: place.partition, key: nil, value: value.utf8Span.span.bytes)
        }
        #expect(try send(buffer, from: 0, timeoutMilliseconds: 0) == values.count)
    }

    func commit() throws { try commitTransaction(timeoutMilliseconds: 0) }

    func abort() throws { try abortTransaction(timeoutMilliseconds: 0) }
}

let timeOut = KafkaError(code: -185, reason: "simulated", remedy: .retry)

/// The error that a call throws.
func failure(_ body: () throws -> Void) -> KafkaError? {
    do {
        try body()
        return nil
    } catch { return error as? KafkaError }
}

/// The code that the model answers.
func code(_ body: () throws -> Void) -> ErrorCode? {
    do {
        try body()
        return nil
    } catch { return error as? ErrorCode }
}

/// SplitMix64.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
