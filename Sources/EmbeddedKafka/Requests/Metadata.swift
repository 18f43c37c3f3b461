internal import Kafka
internal import SimulatedKafka

/// Metadata: the broker and its topics. One broker leads everything.
struct MetadataRequest: Request {
    static let key: Int16 = 3
    static let versions: ClosedRange<Int16> = 0...12
    static let firstFlexible: Int16? = 9

    /// By name or by id. Nil: all.
    private let topics: [(name: String?, id: [UInt8])]?
    private let mayCreate: Bool

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let names = try reader.nullableStructs { reader throws(WireError) in
            let id = version >= 10 ? try reader.uuid() : []
            return (name: try reader.nullableString(), id: id)
        }
        // In version 0 an empty list means all topics.
        topics = version == 0 && names?.isEmpty == true ? nil : names
        mayCreate = version >= 4 ? try reader.bool() : true
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        let version = call.version
        let broker = call.broker
        if version >= 3 { out.throttleTime() }
        out.structs([broker.node]) { out, node in
            out.int32(node.id)
            out.string(node.host)
            out.int32(node.port)
            if version >= 1 { out.string(nil) }
        }
        if version >= 2 { out.string(broker.clusterID) }
        if version >= 1 { out.int32(broker.node.id) }
        let wanted = topics ?? call.model.topicPartitionCounts.keys.sorted().map { (name: $0, id: []) }
        out.structs(wanted) { out, topic in
            let name = topic.name ?? broker.topic(withID: topic.id)
            var count: Int32 = 0
            let error = call.failure { () throws(ErrorCode) in
                guard let name else { throw .unknownTopicID }
                count = try broker.topicPartitions(of: name, mayCreate: mayCreate)
            }
            out.error(error)
            out.string(name ?? (version >= 12 ? nil : ""))
            if version >= 10 { out.uuid(name.map(broker.id) ?? topic.id) }
            if version >= 1 { out.bool(name?.hasPrefix("__") == true) }
            out.structs(0..<count) { out, number in
                out.error(nil)
                out.int32(number)
                out.int32(broker.node.id)
                if version >= 7 { out.int32(Broker.leaderEpoch) }
                out.array([broker.node.id]) { $0.int32($1) }
                out.array([broker.node.id]) { $0.int32($1) }
                if version >= 5 { out.array([]) { (out: inout WireWriter, id: Int32) in out.int32(id) } }
            }
            // Rights: not asked about.
            if version >= 8 { out.int32(Int32.min) }
        }
        if (8...10).contains(version) { out.int32(Int32.min) }
        out.tags()
        return true
    }
}
