internal import Kafka
internal import SimulatedKafka

/// OffsetForLeaderEpoch: where an epoch ended, so that a client finds out what it read that is gone. There is one
/// epoch for ever, and it ends where the log ends.
struct OffsetForLeaderEpochRequest: Request {
    static let key: Int16 = 23
    static let versions: ClosedRange<Int16> = 2...4
    static let firstFlexible: Int16? = 4

    private let topics: [(name: String, parts: [(number: Int32, epoch: Int32)])]

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        if version >= 3 { _ = try reader.int32() }
        topics = try reader.structs { reader throws(WireError) in
            (
                name: try reader.string(),
                parts: try reader.structs { reader throws(WireError) in
                    let number = try reader.int32()
                    _ = try reader.int32()
                    return (number: number, epoch: try reader.int32())
                }
            )
        }
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        out.throttleTime()
        out.structs(topics) { out, topic in
            out.string(topic.name)
            out.structs(topic.parts) { out, part in
                let place = TopicPartition(topic.name, part.number)
                let isKnown = call.broker.isThere(place) && part.epoch == Broker.leaderEpoch
                out.error(call.broker.isThere(place) ? nil : .unknownTopicOrPartition)
                out.int32(part.number)
                out.int32(isKnown ? Broker.leaderEpoch : -1)
                out.int64(isKnown ? call.model.endOffset(place) : -1)
            }
        }
        out.tags()
        return true
    }
}
