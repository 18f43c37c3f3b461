internal import SimulatedKafka

/// CreatePartitions: more of them.
struct CreatePartitionsRequest: Request {
    static let key: Int16 = 37
    static let versions: ClosedRange<Int16> = 0...3
    static let firstFlexible: Int16? = 2

    private let topics: [(name: String, count: Int32)]
    private let isTrial: Bool

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        topics = try reader.structs { reader throws(WireError) in
            let topic = (name: try reader.string(), count: try reader.int32())
            _ = try reader.nullableStructs { reader throws(WireError) in
                try reader.array { reader throws(WireError) in try reader.int32() }
            }
            return topic
        }
        _ = try reader.int32()
        isTrial = try reader.bool()
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        out.throttleTime()
        out.structs(topics) { out, topic in
            let error = call.failure { () throws(ErrorCode) in
                if !isTrial { try call.broker.addTopicPartitions(to: topic.name, count: topic.count) }
            }
            out.string(topic.name)
            out.error(error)
            out.string(nil)
        }
        out.tags()
        return true
    }
}
