internal import Kafka
internal import SimulatedKafka

/// DeleteRecords: forgets what is before an offset; -1 means all.
struct DeleteRecordsRequest: Request {
    static let key: Int16 = 21
    static let versions: ClosedRange<Int16> = 0...2
    static let firstFlexible: Int16? = 2

    private let topics: [TopicParts<PartValue<Int64>>]

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        topics = try reader.topics { reader throws(WireError) in
            PartValue(number: try reader.int32(), value: try reader.int64())
        }
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        out.throttleTime()
        out.topics(topics) { out, part, place in
            let error = call.failure { () throws(ErrorCode) in
                let settings = call.model.settings(of: place.topic)
                if let settings, !settings.deletesOld { throw .policyViolation }
                let offset = part.value == -1 ? call.model.endOffset(place) : part.value
                try call.model.deleteRecords(place, before: offset)
            }
            out.int32(part.number)
            out.int64(error == nil ? call.model.startOffset(place) : -1)
            out.error(error)
        }
        out.tags()
        return true
    }
}
