internal import Kafka
internal import SimulatedKafka

/// ListOffsets: the earliest and latest offset, and the first one not older than a time.
struct ListOffsetsRequest: Request {
    static let key: Int16 = 2
    static let versions: ClosedRange<Int16> = 1...7
    static let firstFlexible: Int16? = 6

    private let readsCommitted: Bool
    private let topics: [TopicParts<PartValue<Int64>>]

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        _ = try reader.int32()
        readsCommitted = version >= 2 ? try reader.int8() == 1 : false
        topics = try reader.topics { reader throws(WireError) in
            let number = try reader.int32()
            if version >= 4 { _ = try reader.int32() }
            return PartValue(number: number, value: try reader.int64())
        }
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        if call.version >= 2 { out.throttleTime() }
        out.topics(topics) { out, part, place in
            var found: (offset: Int64, time: Int64)?
            let error = call.failure { () throws(ErrorCode) in
                found = try call.broker.offset(at: part.value, in: place, readsCommitted: readsCommitted)
            }
            out.int32(part.number)
            out.error(error)
            out.int64(found?.time ?? -1)
            out.int64(found?.offset ?? -1)
            if call.version >= 4 { out.int32(found == nil ? -1 : Broker.leaderEpoch) }
        }
        out.tags()
        return true
    }
}
