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
        var topics: [TopicParts<Int32>]?
    }

    private let groups: [Group]
    private let requiresStable: Bool

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        func group(_ reader: inout WireReader) throws(WireError) -> Group {
            Group(
                name: try reader.string(),
                topics: try reader.nullableTopicNumbers())
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
                out.error(call.injected)
            }
        } else if let group = groups.first {
            write(group, call, into: &out)
            if call.version >= 2 { out.error(call.injected) }
        }
        out.tags()
        return true
    }

    private func write(_ group: Group, _ call: Call, into out: inout WireWriter) {
        let places = group.topics?.flatMap { topic in topic.parts.map { TopicPartition(topic.name, $0) } }
        let found = call.model.committedOffsets(group.name, places, requiresStable: requiresStable)
        out.topics(group.topics ?? Self.topics(of: found)) { out, number, place in
            let offset = found.offsets[place]
            out.int32(number)
            out.int64(offset?.offset ?? -1)
            if call.version >= 5 { out.int32(offset?.leaderEpoch ?? -1) }
            out.string(offset?.metadata ?? "")
            out.error(found.unstable.contains(place) ? .unstableOffsetCommit : nil)
        }
    }

    private static func topics(of found: CommittedOffsets) -> [TopicParts<Int32>] {
        Dictionary(grouping: found.unstable.union(found.offsets.keys), by: \.topic)
            .sorted { $0.key < $1.key }.map {
                TopicParts(name: $0.key, parts: $0.value.map(\.partition).sorted())
            }
    }
}
