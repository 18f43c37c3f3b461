internal import Kafka

/// A consumer group as its coordinator knows it.
struct ConsumerGroup {
    enum State: String {
        case empty = "Empty"
        case preparing = "PreparingRebalance"
        case completing = "CompletingRebalance"
        case stable = "Stable"
    }

    private struct Member {
        var request: JoinRequest
        var sessionDeadline: Int64
        /// Whether it waits for the next generation.
        var isJoining = true
        var hasSynced = false
        var assignment: [UInt8] = []
        /// Set while a member that came back under its instance id does not know yet that nothing changes for
        /// it: the leader it is told of. If it leads itself that is its former self, so that it shares nothing
        /// out.
        var returnsUnder: String?
    }

    private(set) var state = State.empty { didSet { isChanged = true } }
    private(set) var generation: Int32 = 0
    private(set) var protocolType = ""
    private var members: [String: Member] = [:]
    /// Names given out, and until when they are good.
    private var named: [String: Int64] = [:]
    /// Who has an instance id now.
    private var instances: [String: String] = [:]
    private var leader = ""
    private var way = ""
    /// When those are dropped that a rebalance waits for.
    private var rebalanceDeadline: Int64?
    /// Whether requests that were told to wait may fare otherwise now.
    var isChanged = false
    /// The generation of which the outside was told.
    var toldGeneration: Int32 = 0
    var offsets: [TopicPartition: (value: CommittedOffset, serial: Int)] = [:]
    /// Offsets in open transactions, by producer id.
    var pending: [Int64: [TopicPartition: (value: CommittedOffset, serial: Int)]] = [:]
    var serial = 0
    var history: [TopicPartition: [Int64]] = [:]

    var clientIDs: [String: String] { members.mapValues(\.request.clientID) }

    // MARK: Membership

    /// Throws if the group cannot do with the ways of sharing out that the request knows.
    func checkWays(_ request: JoinRequest) throws(ErrorCode) {
        let isKind = members.isEmpty ? !request.protocolType.isEmpty : request.protocolType == protocolType
        if !isKind || commonWays(request).isEmpty { throw .inconsistentGroupProtocol }
    }

    /// Gives out a name, under which to join within the session time-out.
    mutating func name(_ memberID: String, for request: JoinRequest, now: Int64) {
        named[memberID] = now + request.sessionTimeout
    }

    /// Admits a new member, whose ways were checked. One that has the instance id of another takes its place.
    mutating func admit(_ request: JoinRequest, now: Int64) {
        let id = request.memberID
        if let instance = request.instanceID {
            let old = instances.updateValue(id, forKey: instance)
            if let old, let former = members.removeValue(forKey: old) {
                return replace(former, named: old, by: request, now)
            }
        }
        if members.isEmpty { protocolType = request.protocolType }
        if state != .preparing { prepare(now) }
        members[id] = Member(request: request, sessionDeadline: now + request.sessionTimeout)
        rebalanceDeadline = max(rebalanceDeadline ?? 0, now + request.rebalanceTimeout)
        beginIfAllJoined(now)
    }

    private mutating func replace(_ former: Member, named old: String, by request: JoinRequest, _ now: Int64)
    {
        let id = request.memberID
        isChanged = true
        members[id] = former
        members[id]?.request = request
        members[id]?.returnsUnder = leader
        if leader == old { leader = id }
        refresh(id, now)
        // The leader may have shared out to the former self already.
        if state == .completing || (state == .stable && chosenWay() != way) { prepare(now) }
        if state == .preparing { members[id]?.isJoining = true }
        beginIfAllJoined(now)
    }

    mutating func join(_ request: JoinRequest, now: Int64) throws(ErrorCode) -> JoinAnswer {
        let id = request.memberID
        try checkWays(request)
        if named.removeValue(forKey: id) != nil {
            admit(request, now: now)
        } else {
            try checkMember(Membership(memberID: id, instanceID: request.instanceID))
            let isChanged = members[id]?.request.ways.elementsEqual(request.ways, by: ==) != true
            if state == .stable, !isChanged, let told = members[id]?.returnsUnder {
                members[id]?.returnsUnder = nil
                return .joined(generation: generation, way: way, leader: told, members: [:])
            }
            let startsAnew: Bool =
                switch state {
                case .preparing: false
                case .completing: isChanged
                case .stable, .empty: isChanged || id == leader
                }
            members[id]?.request = request
            if startsAnew { prepare(now) }
            if state == .preparing { members[id]?.isJoining = true }
            beginIfAllJoined(now)
        }
        guard state != .preparing, let member = members[id], !member.isJoining else { return .waiting }
        return .joined(
            generation: generation, way: way, leader: leader,
            members: id == leader ? members.mapValues { Self.metadata($0.request, way) } : [:])
    }

    mutating func sync(_ membership: Membership, assignments: [String: [UInt8]], now: Int64)
        throws(ErrorCode) -> [UInt8]?
    {
        let id = membership.memberID
        try check(membership)
        switch state {
        case .empty: throw .unknownMemberID
        case .preparing: throw .rebalanceInProgress
        case .completing:
            members[id]?.hasSynced = true
            if id != leader { return nil }
            for (member, assignment) in assignments { members[member]?.assignment = assignment }
            refreshAwaiting(now)
            state = .stable
        case .stable:
            members[id]?.hasSynced = true
            refresh(id, now)
        }
        if members.values.allSatisfy(\.hasSynced) { rebalanceDeadline = nil }
        return members[id]?.assignment
    }

    mutating func heartbeat(_ membership: Membership, now: Int64) throws(ErrorCode) {
        try check(membership)
        refresh(membership.memberID, now)
        if state == .preparing { throw .rebalanceInProgress }
    }

    /// Leaves, by name or by instance id.
    mutating func leave(_ memberID: String, instanceID: String?, now: Int64) throws(ErrorCode) {
        if named.removeValue(forKey: memberID) != nil { return }
        let current = memberID.isEmpty ? instanceID.flatMap { instances[$0] } : nil
        let membership = Membership(memberID: current ?? memberID, instanceID: instanceID)
        try checkMember(membership)
        remove([membership.memberID], now)
    }

    func check(_ membership: Membership) throws(ErrorCode) {
        try checkMember(membership)
        if membership.generation != generation { throw .illegalGeneration }
    }

    private func checkMember(_ membership: Membership) throws(ErrorCode) {
        if let instance = membership.instanceID {
            guard let current = instances[instance] else { throw .unknownMemberID }
            if current != membership.memberID { throw .fencedInstanceID }
        }
        if members[membership.memberID] == nil { throw .unknownMemberID }
    }

    mutating func refresh(_ id: String, _ now: Int64) {
        if let timeout = members[id]?.request.sessionTimeout { members[id]?.sessionDeadline = now + timeout }
    }

    // MARK: Generations

    var nextDeadline: Int64? {
        let sessions = members.values.lazy.filter { !isAwaiting($0) }.map(\.sessionDeadline).min()
        return [sessions, named.values.min(), rebalanceDeadline].compactMap(\.self).min()
    }

    /// Whether the member waits for an answer, and need not show that it lives.
    private func isAwaiting(_ member: Member) -> Bool {
        member.isJoining || (state == .completing && member.hasSynced)
    }

    /// Whoever gets its answer has a whole session again.
    private mutating func refreshAwaiting(_ now: Int64) {
        for (id, member) in members where isAwaiting(member) { refresh(id, now) }
    }

    /// Everybody has a whole session again, as when a broker has loaded the group after its start.
    mutating func restartSessions(_ now: Int64) { for id in members.keys { refresh(id, now) } }

    mutating func expire(now: Int64) {
        named = named.filter { $0.value > now }
        if let deadline = rebalanceDeadline, deadline <= now {
            let isPreparing = state == .preparing
            rebalanceDeadline = nil
            remove(members.filter { isPreparing ? !$0.value.isJoining : !$0.value.hasSynced }.map(\.key), now)
        }
        remove(members.filter { !isAwaiting($0.value) && $0.value.sessionDeadline <= now }.map(\.key), now)
    }

    private mutating func remove(_ ids: [String], _ now: Int64) {
        if ids.isEmpty { return }
        isChanged = true
        for id in ids {
            if let instance = members.removeValue(forKey: id)?.request.instanceID {
                instances[instance] = nil
            }
        }
        if state != .preparing { prepare(now) }
        beginIfAllJoined(now)
    }

    private mutating func prepare(_ now: Int64) {
        refreshAwaiting(now)
        state = .preparing
        rebalanceDeadline = now + (members.values.map(\.request.rebalanceTimeout).max() ?? 0)
    }

    private mutating func beginIfAllJoined(_ now: Int64) {
        guard state == .preparing, members.values.allSatisfy(\.isJoining) else { return }
        generation += 1
        guard let first = members.keys.min() else {
            state = .empty
            rebalanceDeadline = nil
            return
        }
        state = .completing
        if members[leader] == nil { leader = first }
        way = chosenWay()
        rebalanceDeadline = now + (members.values.map(\.request.rebalanceTimeout).max() ?? 0)
        for id in members.keys {
            members[id]?.isJoining = false
            members[id]?.hasSynced = false
            members[id]?.assignment = []
            members[id]?.returnsUnder = nil
            refresh(id, now)
        }
    }

    /// A generation of which all but the number was forgotten.
    mutating func restore(generation: Int32, protocolType: String) {
        self.generation = generation
        self.protocolType = protocolType
        toldGeneration = generation
    }

    /// Those of these ways that everybody knows.
    private func commonWays(_ request: JoinRequest) -> [String] {
        request.ways.map(\.name).filter { name in
            members.values.allSatisfy { $0.request.ways.contains { $0.name == name } }
        }
    }

    /// The way that most members like best of those that everybody knows; between equals the leader decides.
    private func chosenWay() -> String {
        guard let common = members[leader].map({ commonWays($0.request) }) else { return "" }
        var votes: [String: Int] = [:]
        for member in members.values {
            if let vote = member.request.ways.first(where: { common.contains($0.name) }) {
                votes[vote.name, default: 0] += 1
            }
        }
        let most = votes.values.max()
        return common.first { votes[$0] == most } ?? ""
    }

    private static func metadata(_ request: JoinRequest, _ way: String) -> [UInt8] {
        request.ways.first { $0.name == way }?.metadata ?? []
    }

    // MARK: Descriptions

    var description: GroupDescription {
        let isStable = state == .stable
        return GroupDescription(
            state: state.rawValue, protocolType: protocolType, way: isStable ? way : "",
            members: members.sorted { $0.key < $1.key }.map { id, member in
                GroupDescription.Member(
                    memberID: id, instanceID: member.request.instanceID, clientID: member.request.clientID,
                    clientHost: member.request.clientHost,
                    metadata: isStable ? Self.metadata(member.request, way) : [],
                    assignment: isStable ? member.assignment : [])
            })
    }

    /// What the members subscribe to, as far as they are consumers.
    var subscribedTopics: Set<String> {
        Set(
            members.values.flatMap { member in
                member.request.ways.flatMap { ConsumerProtocol.decode(subscription: $0.metadata) }
            })
    }
}
