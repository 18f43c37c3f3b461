internal import Kafka
internal import SimulatedKafka

/// OffsetFetch: what groups have committed.
struct OffsetFetchRequest: Request {
    static let key: Int16 = 9
    static let versions: ClosedRange<Int16> = 1...8
    static let firstFlexible: Int16? = 6

    private struct Group {
        var name: String
        /// Nil: all that it has committed.
        var topics: [(name: String, numbers: [Int32])]?
    }

    private let groups: [Group]
    private let requiresStable: Bool

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        func group(_ reader: inout WireReader) throws(WireError) -> Group {
            Group(
                name: try reader.string(),
                topics: try reader.nullableStructs { reader throws(WireError) in
                    (
                        name: try reader.string(),
                        numbers: try reader.array { reader throws(WireError) in try reader.int32() }
                    )
                })
        }
        if version >= 8 {
            groups = try reader.structs(group)
        } else {
            groups = [try group(&reader)]
        }
        requiresStable = version >= 7 ? try reader.bool() : false
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        if call.version >= 3 { out.throttleTime() }
        if call.version >= 8 {
            out.structs(groups) { out, group in
                out.string(group.name)
                write(group, call, into: &out)
                out.error(nil)
            }
        } else if let group = groups.first {
            write(group, call, into: &out)
            if call.version >= 2 { out.error(nil) }
        }
        out.tags()
        return true
    }

    private func write(_ group: Group, _ call: Call, into out: inout WireWriter) {
        out.structs(group.topics ?? call.broker.committedTopics(ofGroup: group.name)) { out, topic in
            out.string(topic.name)
            out.structs(topic.numbers) { out, number in
                let place = TopicPartition(topic.name, number)
                var offset: Int64?
                let error = failure { () throws(ErrorCode) in
                    offset = try call.model.fetchOffsets(
                        [place], group: group.name, requiresStable: requiresStable)[place]
                }
                out.int32(number)
                out.int64(offset ?? -1)
                if call.version >= 5 { out.int32(-1) }
                out.string("")
                out.error(error)
            }
        }
    }
}
