internal import SimulatedKafka

/// TxnOffsetCommit: how far a group has read, once the transaction commits.
struct TxnOffsetCommitRequest: Request {
    static let key: Int16 = 28
    static let versions: ClosedRange<Int16> = 0...3
    static let firstFlexible: Int16? = 3

    private let transactionalID: String
    private let group: String
    private let producer: ProducerIdentity
    private let membership: Membership
    private let topics: OffsetsToCommit

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        transactionalID = try reader.string()
        group = try reader.string()
        producer = try reader.producer()
        var membership = Membership()
        if version >= 3 {
            membership.generation = try reader.int32()
            membership.memberID = try reader.string()
            membership.instanceID = try reader.nullableString()
        }
        self.membership = membership
        topics = try reader.topics { reader throws(WireError) in
            let number = try reader.int32()
            let offset = try reader.int64()
            let epoch = version >= 2 ? try reader.int32() : -1
            let metadata = try reader.nullableString() ?? ""
            return PartValue(
                number: number, value: CommittedOffset(offset, leaderEpoch: epoch, metadata: metadata))
        }
    }

    mutating func answer(_ call: Call, into out: inout WireWriter) -> Bool {
        out.throttleTime()
        call.commit(topics, into: &out) { offsets throws(ErrorCode) in
            try call.model.commitOffsets(
                offsets, group: group, by: membership, transactionalID: transactionalID, producer: producer)
        }
        return true
    }
}
