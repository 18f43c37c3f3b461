internal import Kafka
internal import SimulatedKafka

/// The offsets that a request commits.
typealias OffsetsToCommit = [TopicParts<PartValue<CommittedOffset>>]

/// OffsetCommit: how far a group has read.
struct OffsetCommitRequest: Request {
    static let key: Int16 = 8
    static let versions: ClosedRange<Int16> = 0...8
    static let firstFlexible: Int16? = 8

    private let group: String
    private let membership: Membership
    private let topics: OffsetsToCommit

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        group = try reader.string()
        let generation = version >= 1 ? try reader.int32() : -1
        membership = Membership(
            memberID: version >= 1 ? try reader.string() : "", generation: generation,
            instanceID: version >= 7 ? try reader.nullableString() : nil)
        if (2...4).contains(version) { _ = try reader.int64() }
        topics = try reader.topics { reader throws(WireError) in
            let number = try reader.int32()
            let offset = try reader.int64()
            let epoch = version >= 6 ? try reader.int32() : -1
            if version == 1 { _ = try reader.int64() }
            let metadata = try reader.nullableString() ?? ""
            return PartValue(
                number: number, value: CommittedOffset(offset, leaderEpoch: epoch, metadata: metadata))
        }
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        if call.version >= 3 { out.throttleTime() }
        call.commit(topics, into: &out) { offsets throws(ErrorCode) in
            try call.model.commitOffsets(offsets, group: group, by: membership)
        }
        return true
    }
}

extension Call {
    /// Commits offsets of topic partitions that are there, and answers for each.
    func commit(
        _ topics: OffsetsToCommit, into out: inout WireWriter,
        _ commit: ([TopicPartition: CommittedOffset]) throws(ErrorCode) -> Void
    ) {
        var offsets: [TopicPartition: CommittedOffset] = [:]
        for topic in topics {
            for part in topic.parts where broker.isThere(TopicPartition(topic.name, part.number)) {
                offsets[TopicPartition(topic.name, part.number)] = part.value
            }
        }
        let error = failure { () throws(ErrorCode) in try commit(offsets) }
        out.topics(topics) { out, part, place in
            out.int32(part.number)
            out.error(broker.isThere(place) ? error : .unknownTopicOrPartition)
        }
        out.tags()
    }
}
