internal import Kafka

/// A request to join a group.
public struct JoinRequest: Sendable {
    /// The member; empty if it is to be named.
    public var memberID: String
    /// The name of its process, for people.
    public var clientID: String
    /// Milliseconds without a heartbeat after which it is gone.
    public var sessionTimeout: Int64
    /// Milliseconds that a rebalance waits for it.
    public var rebalanceTimeout: Int64
    /// The ways of sharing out that it knows, the best first, such as `range`; with what it tells whoever
    /// shares out, its subscription.
    public var ways: [(name: String, metadata: [UInt8])]

    /// Describes a request.
    public init(
        memberID: String, clientID: String, sessionTimeout: Int64, rebalanceTimeout: Int64,
        ways: [(name: String, metadata: [UInt8])]
    ) {
        self.memberID = memberID
        self.clientID = clientID
        self.sessionTimeout = sessionTimeout
        self.rebalanceTimeout = rebalanceTimeout
        self.ways = ways
    }
}

/// What becomes of a request to join.
public enum JoinAnswer: Sendable, Equatable {
    /// MEMBER_ID_REQUIRED: the member is to join again under this name.
    case named(String)
    /// The others have not joined yet; the request is to be made again.
    case waiting
    /// The next generation has begun. The leader gets everybody's metadata in `members`, the others nothing.
    case joined(generation: Int32, way: String, leader: String, members: [String: [UInt8]])
}

/// Who a member says it is, when it commits; the default is nobody.
public struct Membership: Sendable, Equatable {
    /// The member's name.
    public var memberID: String
    /// The generation it belongs to.
    public var generation: Int32

    /// A member, or nobody.
    public init(memberID: String = "", generation: Int32 = -1) {
        self.memberID = memberID
        self.generation = generation
    }
}

/// A consumer group as its coordinator knows it.
struct ConsumerGroup {
    enum State { case empty, preparing, completing, stable }

    private struct Member {
        var request: JoinRequest
        var sessionDeadline: Int64
        /// Whether it waits for the next generation; it sends no heartbeats meanwhile.
        var isJoining = true
        var hasSynced = false
        var assignment: [UInt8] = []
    }

    private(set) var state = State.empty
    private(set) var generation: Int32 = 0
    private var members: [String: Member] = [:]
    private var named: Set<String> = []
    private var leader = ""
    private var way = ""
    /// When those are dropped that a rebalance waits for.
    private var rebalanceDeadline: Int64?
    private var offsets: [TopicPartition: (value: Int64, serial: Int)] = [:]
    /// Offsets in open transactions, by producer id.
    private var pending: [Int64: [TopicPartition: (value: Int64, serial: Int)]] = [:]
    private var serial = 0
    private(set) var history: [TopicPartition: [Int64]] = [:]

    var clientIDs: [String: String] { members.mapValues(\.request.clientID) }

    // MARK: Membership

    mutating func name(_ memberID: String) { named.insert(memberID) }

    mutating func join(_ request: JoinRequest, now: Int64) throws(ErrorCode) -> JoinAnswer {
        let id = request.memberID
        if commonWay(of: request) == nil { throw .inconsistentGroupProtocol }
        if let member = members[id] {
            let isChanged = !member.request.ways.elementsEqual(request.ways, by: ==)
            let startsAnew: Bool =
                switch state {
                case .preparing: false
                case .completing: isChanged
                case .stable, .empty: isChanged || id == leader
                }
            members[id]?.request = request
            if startsAnew { prepare(now) }
            if state == .preparing { members[id]?.isJoining = true }
        } else {
            if named.remove(id) == nil { throw .unknownMemberID }
            if state != .preparing { prepare(now) }
            members[id] = Member(request: request, sessionDeadline: now + request.sessionTimeout)
            rebalanceDeadline = max(rebalanceDeadline ?? 0, now + request.rebalanceTimeout)
        }
        beginIfAllJoined(now)
        guard state != .preparing, let member = members[id], !member.isJoining else { return .waiting }
        return .joined(
            generation: generation, way: way, leader: leader,
            members: id == leader ? members.mapValues { Self.metadata($0.request, way) } : [:])
    }

    mutating func sync(_ membership: Membership, assignments: [String: [UInt8]]) throws(ErrorCode) -> [UInt8]?
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
            state = .stable
        case .stable: members[id]?.hasSynced = true
        }
        if members.values.allSatisfy(\.hasSynced) { rebalanceDeadline = nil }
        return members[id]?.assignment
    }

    mutating func heartbeat(_ membership: Membership, now: Int64) throws(ErrorCode) {
        try check(membership)
        refresh(membership.memberID, now)
        if state == .preparing { throw .rebalanceInProgress }
    }

    mutating func leave(_ memberID: String, now: Int64) throws(ErrorCode) {
        if named.remove(memberID) != nil { return }
        if members[memberID] == nil { throw .unknownMemberID }
        remove([memberID], now)
    }

    private func check(_ membership: Membership) throws(ErrorCode) {
        if members[membership.memberID] == nil { throw .unknownMemberID }
        if membership.generation != generation { throw .illegalGeneration }
    }

    private mutating func refresh(_ id: String, _ now: Int64) {
        if let timeout = members[id]?.request.sessionTimeout { members[id]?.sessionDeadline = now + timeout }
    }

    // MARK: Generations

    var nextDeadline: Int64? {
        let sessions = members.values.filter { !$0.isJoining }.map(\.sessionDeadline)
        return (sessions + [rebalanceDeadline].compactMap(\.self)).min()
    }

    mutating func expire(now: Int64) {
        if let deadline = rebalanceDeadline, deadline <= now {
            let isPreparing = state == .preparing
            rebalanceDeadline = nil
            remove(members.filter { isPreparing ? !$0.value.isJoining : !$0.value.hasSynced }.map(\.key), now)
        }
        remove(members.filter { !$0.value.isJoining && $0.value.sessionDeadline <= now }.map(\.key), now)
    }

    private mutating func remove(_ ids: [String], _ now: Int64) {
        if ids.isEmpty { return }
        for id in ids { members[id] = nil }
        if state != .preparing { prepare(now) }
        beginIfAllJoined(now)
    }

    private mutating func prepare(_ now: Int64) {
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
        way = members[leader].flatMap { commonWay(of: $0.request) } ?? ""
        rebalanceDeadline = now + (members.values.map(\.request.rebalanceTimeout).max() ?? 0)
        for id in members.keys {
            members[id]?.isJoining = false
            members[id]?.hasSynced = false
            members[id]?.assignment = []
            refresh(id, now)
        }
    }

    /// The first of these ways that everybody knows.
    private func commonWay(of request: JoinRequest) -> String? {
        request.ways.map(\.name).first { name in
            members.values.allSatisfy { $0.request.ways.contains { $0.name == name } }
        }
    }

    private static func metadata(_ request: JoinRequest, _ way: String) -> [UInt8] {
        request.ways.first { $0.name == way }?.metadata ?? []
    }

    // MARK: Offsets

    mutating func commit(
        _ new: [TopicPartition: Int64], by membership: Membership, inTransactionOf producerID: Int64?,
        isRefusedWhileSharingOut: Bool = true, now: Int64
    ) throws(ErrorCode) {
        try checkCommit(
            membership, isRefusedWhileSharingOut: isRefusedWhileSharingOut,
            isTransactional: producerID != nil)
        if producerID == nil { refresh(membership.memberID, now) }
        serial += 1
        for (place, value) in new {
            if let producerID {
                pending[producerID, default: [:]][place] = (value, serial)
            } else {
                set(place, value, serial)
            }
        }
    }

    func committed(_ places: [TopicPartition], requiresStable: Bool) throws(ErrorCode)
        -> [TopicPartition: Int64]
    {
        var result: [TopicPartition: Int64] = [:]
        for place in places {
            if requiresStable, pending.values.contains(where: { $0[place] != nil }) {
                throw .unstableOffsetCommit
            }
            result[place] = offsets[place]?.value
        }
        return result
    }

    mutating func endTransaction(of producerID: Int64, isCommit: Bool) {
        guard let ended = pending.removeValue(forKey: producerID), isCommit else { return }
        // An offset that was committed later stays.
        for (place, new) in ended where new.serial > offsets[place]?.serial ?? 0 {
            set(place, new.value, new.serial)
        }
    }

    private mutating func set(_ place: TopicPartition, _ value: Int64, _ serial: Int) {
        offsets[place] = (value, serial)
        history[place, default: []].append(value)
    }

    private func checkCommit(_ membership: Membership, isRefusedWhileSharingOut: Bool, isTransactional: Bool)
        throws(ErrorCode)
    {
        if membership.generation < 0 && state == .empty { return }
        if membership == Membership() {
            // In a transaction even a stranger may, as clients did before they told their generation.
            if isTransactional { return }
            throw .unknownMemberID
        }
        try check(membership)
        // A member of the new generation, which does not know its share yet.
        if state == .completing, isRefusedWhileSharingOut { throw .rebalanceInProgress }
    }
}
