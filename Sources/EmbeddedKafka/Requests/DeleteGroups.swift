internal import Kafka
internal import SimulatedKafka

/// DeleteGroups: groups without members, with their offsets.
struct DeleteGroupsRequest: Request {
    static let key: Int16 = 42
    static let versions: ClosedRange<Int16> = 0...2
    static let firstFlexible: Int16? = 2

    private let groups: [String]

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        groups = try reader.array { reader throws(WireError) in try reader.string() }
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        out.throttleTime()
        out.structs(groups) { out, name in
            out.string(name)
            out.error(call.failure { () throws(ErrorCode) in try call.model.deleteGroup(name) })
        }
        out.tags()
        return true
    }
}

/// OffsetDelete: some offsets of a group.
struct OffsetDeleteRequest: Request {
    static let key: Int16 = 47
    static let versions: ClosedRange<Int16> = 0...0

    private let group: String
    private let topics: [TopicParts<Int32>]

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        group = try reader.string()
        topics = try reader.topics { reader throws(WireError) in try reader.int32() }
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        let places = topics.flatMap { topic in topic.parts.map { TopicPartition(topic.name, $0) } }
        var kept: [TopicPartition: ErrorCode] = [:]
        let error = call.failure { () throws(ErrorCode) in
            kept = try call.model.deleteOffsets(places.filter(call.broker.isThere), ofGroup: group)
        }
        out.error(error)
        out.throttleTime()
        out.topics(error == nil ? topics : []) { out, number, place in
            out.int32(number)
            out.error(call.broker.isThere(place) ? kept[place] : .unknownTopicOrPartition)
        }
        return true
    }
}
