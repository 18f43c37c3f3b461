public import Kafka

/// The group coordinator.
extension ClusterModel {
    // MARK: Requests

    /// JoinGroup. As long as the answer is `waiting`, the request is to be made again; that is harmless.
    public func joinGroup(_ group: String, _ request: JoinRequest) throws(ErrorCode) -> JoinAnswer {
        if request.memberID.isEmpty {
            let id = makeMemberID(request.clientID)
            groups[group, default: ConsumerGroup()].name(id)
            return .named(id)
        }
        if groups[group] == nil { throw .unknownMemberID }
        return try groups[group]?.join(request, now: now) ?? .waiting
    }

    /// SyncGroup: the leader gives the assignments, everybody gets their own. Nil while the leader has not
    /// given them; the request is then to be made again.
    public func syncGroup(_ group: String, _ membership: Membership, assignments: [String: [UInt8]] = [:])
        throws(ErrorCode) -> [UInt8]?
    {
        if groups[group] == nil { throw .unknownMemberID }
        return try groups[group]?.sync(membership, assignments: assignments)
    }

    /// Heartbeat.
    public func heartbeat(_ group: String, _ membership: Membership) throws(ErrorCode) {
        if groups[group] == nil { throw .unknownMemberID }
        try groups[group]?.heartbeat(membership, now: now)
    }

    /// LeaveGroup.
    public func leaveGroup(_ group: String, memberID: String) throws(ErrorCode) {
        if groups[group] == nil { throw .unknownMemberID }
        try groups[group]?.leave(memberID, now: now)
    }

    /// OffsetCommit.
    public func commitOffsets(
        _ offsets: [TopicPartition: Int64], group: String, by membership: Membership = Membership()
    ) throws(ErrorCode) {
        try groups[group, default: ConsumerGroup()].commit(
            offsets, by: membership, inTransactionOf: nil, now: now)
    }

    /// TxnOffsetCommit. The offsets count when the group's marker arrives.
    public func commitOffsets(
        _ offsets: [TopicPartition: Int64], group: String, by membership: Membership,
        transactionalID: String, producer: ProducerIdentity
    ) throws(ErrorCode) {
        try verify(.group(group), producer, transactionalID)
        try groups[group, default: ConsumerGroup()].commit(
            offsets, by: membership, inTransactionOf: producer.id,
            isRefusedWhileSharingOut: refusesOffsetsWhileSharingOut, now: now)
    }

    /// OffsetFetch; none where nothing was committed. With `requiresStable` it answers
    /// UNSTABLE_OFFSET_COMMIT while an open transaction holds one of the offsets.
    public func fetchOffsets(_ places: [TopicPartition], group: String, requiresStable: Bool)
        throws(ErrorCode) -> [TopicPartition: Int64]
    {
        try groups[group]?.committed(places, requiresStable: requiresStable) ?? [:]
    }

    /// DescribeGroups: the client id of each member.
    public func members(ofGroup group: String) -> [String: String] { groups[group]?.clientIDs ?? [:] }

    // MARK: What only drivers ask for

    /// The committed offset, whatever open transactions hold.
    public func committedOffset(_ group: String, _ place: TopicPartition) -> Int64? {
        (try? groups[group]?.committed([place], requiresStable: false))?[place]
    }

    /// All offsets that were ever committed, in their order.
    public func commitHistory(_ group: String) -> [TopicPartition: [Int64]] { groups[group]?.history ?? [:] }

    /// The group's generation; it rises with every rebalance.
    public func generation(ofGroup group: String) -> Int32 { groups[group]?.generation ?? 0 }
}
