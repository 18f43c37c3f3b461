internal import SimulatedKafka

/// DeleteTopics, by name or, from version 6 on, by id.
struct DeleteTopicsRequest: Request {
    static let key: Int16 = 20
    static let versions: ClosedRange<Int16> = 0...6
    static let firstFlexible: Int16? = 4

    private let topics: [(name: String?, id: [UInt8])]

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        if version >= 6 {
            topics = try reader.structs { reader throws(WireError) in
                (name: try reader.nullableString(), id: try reader.uuid())
            }
        } else {
            let names = try reader.array { reader throws(WireError) in try reader.string() }
            topics = names.map { (name: $0, id: []) }
        }
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        if call.version >= 1 { out.throttleTime() }
        out.structs(topics) { out, topic in
            let name = topic.name ?? call.broker.topic(withID: topic.id)
            let id = topic.name.map(call.broker.id) ?? topic.id
            let error =
                name.map { name in
                    call.failure { () throws(ErrorCode) in try call.model.deleteTopic(name) }
                } ?? .unknownTopicID
            out.string(name ?? (call.version >= 6 ? nil : ""))
            if call.version >= 6 { out.uuid(id) }
            out.error(error)
            if call.version >= 5 { out.string(nil) }
        }
        out.tags()
        return true
    }
}
