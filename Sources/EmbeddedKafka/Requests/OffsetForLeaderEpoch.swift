internal import Kafka
internal import SimulatedKafka

/// OffsetForLeaderEpoch: where an epoch ended, so that a client finds out what it read that is gone. There is one
/// epoch for ever, and it ends where the log ends.
struct OffsetForLeaderEpochRequest: Request {
    static let key: Int16 = 23
    static let versions: ClosedRange<Int16> = 2...4
    static let firstFlexible: Int16? = 4

    private let topics: [TopicParts<PartValue<Int32>>]

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        if version >= 3 { _ = try reader.int32() }
        topics = try reader.topics { reader throws(WireError) in
            let number = try reader.int32()
            _ = try reader.int32()
            return PartValue(number: number, value: try reader.int32())
        }
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        out.throttleTime()
        out.topics(topics) { out, part, place in
            let isThere = call.broker.isThere(place)
            let isKnown = isThere && part.value == Broker.leaderEpoch
            out.error(isThere ? nil : .unknownTopicOrPartition)
            out.int32(part.number)
            out.int32(isKnown ? Broker.leaderEpoch : -1)
            out.int64(isKnown ? call.model.endOffset(place) : -1)
        }
        out.tags()
        return true
    }
}
