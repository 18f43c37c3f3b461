internal import Kafka
internal import SimulatedKafka

/// DeleteRecords: forgets what is before an offset; -1 means all.
struct DeleteRecordsRequest: Request {
    static let key: Int16 = 21
    static let versions: ClosedRange<Int16> = 0...2
    static let firstFlexible: Int16? = 2

    private let topics: [(name: String, parts: [(number: Int32, offset: Int64)])]

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        topics = try reader.structs { reader throws(WireError) in
            (
                name: try reader.string(),
                parts: try reader.structs { reader throws(WireError) in
                    (number: try reader.int32(), offset: try reader.int64())
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
                let error = call.failure { () throws(ErrorCode) in
                    let settings = call.model.settings(of: topic.name)
                    if let settings, !settings.deletesOld { throw .policyViolation }
                    let offset = part.offset == -1 ? call.model.endOffset(place) : part.offset
                    try call.model.deleteRecords(place, before: offset)
                }
                out.int32(part.number)
                out.int64(error == nil ? call.model.startOffset(place) : -1)
                out.error(error)
            }
        }
        out.tags()
        return true
    }
}
