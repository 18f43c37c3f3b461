internal import Kafka
internal import SimulatedKafka

/// AddPartitionsToTxn: where a transaction is going to write.
struct AddPartitionsToTxnRequest: Request {
    static let key: Int16 = 24
    static let versions: ClosedRange<Int16> = 0...3
    static let firstFlexible: Int16? = 3

    private let transactionalID: String
    private let producer: ProducerIdentity
    private let topics: [TopicParts<Int32>]

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        transactionalID = try reader.string()
        producer = try reader.producer()
        topics = try reader.topicNumbers()
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        let places = topics.flatMap { topic in topic.parts.map { TopicPartition(topic.name, $0) } }
        let errors =
            call.injected.map { error in Dictionary(places.map { ($0, error) }) { $1 } }
            ?? call.model.partitionErrors(
                adding: places, transactionalID: transactionalID, producer: producer)
        out.throttleTime()
        out.topics(topics) { out, number, place in
            out.int32(number)
            out.error(errors[place]?.known(to: call.version, fencedSince: 2))
        }
        out.tags()
        return true
    }
}

/// AddOffsetsToTxn: a transaction is going to commit offsets of a group.
struct AddOffsetsToTxnRequest: Request {
    static let key: Int16 = 25
    static let versions: ClosedRange<Int16> = 0...3
    static let firstFlexible: Int16? = 3

    private let transactionalID: String
    private let producer: ProducerIdentity
    private let group: String

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        transactionalID = try reader.string()
        producer = try reader.producer()
        group = try reader.string()
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        let error = call.failure { () throws(ErrorCode) in
            try call.model.addOffsets(
                ofGroup: group, transactionalID: transactionalID, producer: producer)
        }
        out.throttleTime()
        out.error(error?.known(to: call.version, fencedSince: 2))
        out.tags()
        return true
    }
}

extension WireReader {
    /// A producer's id and epoch.
    mutating func producer() throws(WireError) -> ProducerIdentity {
        let id = try int64()
        return ProducerIdentity(id: id, epoch: try int16())
    }
}
