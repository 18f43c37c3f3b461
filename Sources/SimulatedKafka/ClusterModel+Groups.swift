public import Kafka

/// The group coordinator.
extension ClusterModel {
    // MARK: Requests of members

    /// JoinGroup. As long as the answer is `waiting`, the request is to be made again; that is harmless.
    public func joinGroup(_ group: String, _ request: JoinRequest) throws(ErrorCode) -> JoinAnswer {
        if group.isEmpty { throw .invalidGroupID }
        // Kafka's greatest, and none too short for its default of 6 seconds.
        if !(1...1_800_000).contains(request.sessionTimeout) { throw .invalidSessionTimeout }
        defer { noteChange(of: group) }
        if !request.memberID.isEmpty {
            if groups[group] == nil { throw .unknownMemberID }
            return try groups[group]?.join(request, now: now) ?? .waiting
        }
        try (groups[group] ?? ConsumerGroup()).checkWays(request)
        var named = request
        named.memberID = makeMemberID(request.instanceID ?? request.clientID)
        if request.requiresName, request.instanceID == nil {
            groups[group, default: ConsumerGroup()].name(named.memberID, for: named, now: now)
            return .named(named.memberID)
        }
        groups[group, default: ConsumerGroup()].admit(named, now: now)
        return .admitted(named.memberID)
    }

    /// SyncGroup: the leader gives the assignments, everybody gets their own. Nil while the leader has not
    /// given them; the request is then to be made again.
    public func syncGroup(_ group: String, _ membership: Membership, assignments: [String: [UInt8]] = [:])
        throws(ErrorCode) -> [UInt8]?
    {
        defer { noteChange(of: group) }
        if groups[group] == nil { throw .unknownMemberID }
        return try groups[group]?.sync(membership, assignments: assignments, now: now)
    }

    /// Heartbeat.
    public func heartbeat(_ group: String, _ membership: Membership) throws(ErrorCode) {
        if groups[group] == nil { throw .unknownMemberID }
        try groups[group]?.heartbeat(membership, now: now)
    }

    /// LeaveGroup, for one member. One that has an instance id may leave the other name empty.
    public func leaveGroup(_ group: String, memberID: String, instanceID: String? = nil) throws(ErrorCode) {
        defer { noteChange(of: group) }
        if groups[group] == nil { throw .unknownMemberID }
        try groups[group]?.leave(memberID, instanceID: instanceID, now: now)
    }

    // MARK: Requests about offsets

    /// OffsetCommit.
    public func commitOffsets(
        _ offsets: [TopicPartition: CommittedOffset], group: String, by membership: Membership = Membership()
    ) throws(ErrorCode) {
        try checkCommit(group, membership, isTransactional: false)
        groups[group]?.refresh(membership.memberID, now)
        make(.offsetsCommitted(group: group, offsets, producerID: nil))
    }

    /// OffsetCommit of nothing but offsets.
    public func commitOffsets(
        _ offsets: [TopicPartition: Int64], group: String, by membership: Membership = Membership()
    ) throws(ErrorCode) {
        try commitOffsets(offsets.mapValues { CommittedOffset($0) }, group: group, by: membership)
    }

    /// TxnOffsetCommit. The offsets count when the group's marker arrives.
    public func commitOffsets(
        _ offsets: [TopicPartition: CommittedOffset], group: String, by membership: Membership,
        transactionalID: String, producer: ProducerIdentity
    ) throws(ErrorCode) {
        try verify(.group(group), producer, transactionalID)
        try checkCommit(group, membership, isTransactional: true)
        make(.offsetsCommitted(group: group, offsets, producerID: producer.id))
    }

    /// TxnOffsetCommit of nothing but offsets.
    public func commitOffsets(
        _ offsets: [TopicPartition: Int64], group: String, by membership: Membership,
        transactionalID: String, producer: ProducerIdentity
    ) throws(ErrorCode) {
        try commitOffsets(
            offsets.mapValues { CommittedOffset($0) }, group: group, by: membership,
            transactionalID: transactionalID, producer: producer)
    }

    private func checkCommit(_ group: String, _ membership: Membership, isTransactional: Bool)
        throws(ErrorCode)
    {
        if group.isEmpty { throw .invalidGroupID }
        guard let known = groups[group] else {
            // A group without members may be there for its offsets only.
            if membership.generation >= 0 { throw .illegalGeneration }
            return
        }
        try known.checkCommit(
            membership, isRefusedWhileSharingOut: isTransactional ? refusesOffsetsWhileSharingOut : true,
            isTransactional: isTransactional)
    }

    /// OffsetFetch, of these topic partitions or, without any given, of all that the group has offsets in. With
    /// `requiresStable`, those are unstable of which an open transaction holds an offset.
    public func committedOffsets(
        _ group: String, _ places: [TopicPartition]? = nil, requiresStable: Bool = false
    ) -> CommittedOffsets {
        groups[group]?.committed(places, requiresStable: requiresStable) ?? CommittedOffsets()
    }

    /// OffsetFetch of nothing but offsets; none where nothing was committed. With `requiresStable` it answers
    /// UNSTABLE_OFFSET_COMMIT while an open transaction holds one of them.
    public func fetchOffsets(_ places: [TopicPartition], group: String, requiresStable: Bool)
        throws(ErrorCode) -> [TopicPartition: Int64]
    {
        let found = committedOffsets(group, places, requiresStable: requiresStable)
        if !found.unstable.isEmpty { throw .unstableOffsetCommit }
        return found.offsets.mapValues(\.offset)
    }

    /// OffsetDelete: answers the topic partitions that keep their offsets because a member reads their topic,
    /// GROUP_SUBSCRIBED_TO_TOPIC. Fails with GROUP_ID_NOT_FOUND, or with NON_EMPTY_GROUP if the members are no
    /// consumers.
    public func deleteOffsets(_ places: [TopicPartition], ofGroup group: String) throws(ErrorCode)
        -> [TopicPartition: ErrorCode]
    {
        guard let known = groups[group] else { throw .groupIDNotFound }
        if known.state != .empty, known.protocolType != "consumer" { throw .nonEmptyGroup }
        let topics = known.subscribedTopics
        let gone = places.filter { !topics.contains($0.topic) }
        if !gone.isEmpty { make(.offsetsDeleted(group: group, gone)) }
        let kept = places.filter { topics.contains($0.topic) }
        return Dictionary(kept.map { ($0, .groupSubscribedToTopic) }) { first, _ in first }
    }

    // MARK: Requests about groups

    /// DescribeGroups, for one group: its state is `Dead` if there is none of the name.
    public func describeGroup(_ group: String) -> GroupDescription {
        groups[group]?.description ?? GroupDescription()
    }

    /// ListGroups.
    public var groupNames: [String] { groups.keys.sorted() }

    /// DeleteGroups, for one group. Fails with GROUP_ID_NOT_FOUND or NON_EMPTY_GROUP.
    public func deleteGroup(_ group: String) throws(ErrorCode) {
        guard let known = groups[group] else { throw .groupIDNotFound }
        if known.state != .empty { throw .nonEmptyGroup }
        make(.groupDeleted(group))
    }

    /// The client id of each member.
    public func members(ofGroup group: String) -> [String: String] { groups[group]?.clientIDs ?? [:] }

    // MARK: What only drivers ask for

    /// The groups of which requests that were told to wait may fare otherwise now, since this was asked last.
    public func takeChangedGroups() -> Set<String> {
        defer { changedGroups = [] }
        return changedGroups
    }

    /// To be called after what may have changed a group by itself.
    func noteChange(of group: String) {
        guard let known = groups[group], known.isChanged else { return }
        groups[group]?.isChanged = false
        changedGroups.insert(group)
        if known.generation == known.toldGeneration { return }
        groups[group]?.toldGeneration = known.generation
        onChange?(
            .generationBegun(group: group, generation: known.generation, protocolType: known.protocolType))
    }

    /// The committed offset, whatever open transactions hold.
    public func committedOffset(_ group: String, _ place: TopicPartition) -> Int64? {
        groups[group]?.offsets[place]?.value.offset
    }

    /// All offsets that were ever committed, in their order.
    public func commitHistory(_ group: String) -> [TopicPartition: [Int64]] { groups[group]?.history ?? [:] }

    /// The group's generation; it rises with every rebalance.
    public func generation(ofGroup group: String) -> Int32 { groups[group]?.generation ?? 0 }
}
