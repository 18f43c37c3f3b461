import Kafka
import SimulatedKafka
import Testing

/// The group coordinator, at the level of requests.
@Suite struct CoordinatorTests {
    let model = makeModel()

    func request(
        _ client: String, instance: String? = nil, ways: [String] = ["range"], topics: [String] = []
    ) -> JoinRequest {
        // A subscription: version 0, the topics, no user data.
        var metadata: [UInt8] = [0, 0, 0, 0, 0, UInt8(topics.count)]
        for topic in topics { metadata += [0, UInt8(topic.utf8.count)] + Array(topic.utf8) }
        var request = JoinRequest(
            memberID: "", clientID: client, sessionTimeout: 10_000, rebalanceTimeout: 60_000,
            ways: ways.map { ($0, metadata + [255, 255, 255, 255]) })
        request.instanceID = instance
        request.requiresName = false
        request.clientHost = "/127.0.0.1"
        return request
    }

    /// Admits a member; it may have to wait for others.
    func admit(_ request: JoinRequest) throws -> JoinRequest {
        guard case .admitted(let id) = try model.joinGroup("g", request) else {
            Issue.record("not admitted")
            return request
        }
        var admitted = request
        admitted.memberID = id
        return admitted
    }

    /// A group whose only member has its share.
    func lone(_ request: JoinRequest) throws -> JoinRequest {
        let member = try admit(request)
        guard case .joined(let generation, _, _, _) = try model.joinGroup("g", member) else {
            Issue.record("not joined")
            return member
        }
        _ = try model.syncGroup("g", membership(member, generation), assignments: [member.memberID: [1, 2]])
        return member
    }

    func membership(_ request: JoinRequest, _ generation: Int32) -> Membership {
        Membership(memberID: request.memberID, generation: generation, instanceID: request.instanceID)
    }

    @Test func `names come from the driver, and a name that nobody joined under is good for a session`()
        throws
    {
        model.makeName = { "\($0)-secret" }
        var join = request("c")
        join.requiresName = true
        #expect(try model.joinGroup("g", join) == .named("c-secret"))
        join.memberID = "c-secret"
        model.advance(by: 10_000)
        #expect(code { _ = try model.joinGroup("g", join) } == .unknownMemberID)
    }

    @Test func `groups, session time-outs and kinds that cannot be are refused`() throws {
        #expect(code { _ = try model.joinGroup("", request("c")) } == .invalidGroupID)
        var join = request("c")
        join.sessionTimeout = 1_800_001
        #expect(code { _ = try model.joinGroup("g", join) } == .invalidSessionTimeout)
        #expect(code { _ = try model.joinGroup("g", request("c", ways: [])) } == .inconsistentGroupProtocol)
        #expect(model.groupNames == [])
        _ = try lone(request("c"))
        var other = request("d")
        other.protocolType = "connect"
        #expect(code { _ = try model.joinGroup("g", other) } == .inconsistentGroupProtocol)
        #expect(
            code { _ = try model.joinGroup("g", request("d", ways: ["sticky"])) }
                == .inconsistentGroupProtocol)
    }

    @Test func `a group is shared out in the way that most like best of those that all know`() throws {
        let a = try admit(request("a", ways: ["range", "sticky"]))
        _ = try model.joinGroup("g", a)
        let b = try admit(request("b", ways: ["sticky", "range"]))
        let c = try admit(request("c", ways: ["new", "sticky", "range"]))
        guard case .joined(2, "sticky", let leader, let members) = try model.joinGroup("g", a) else {
            Issue.record("not joined")
            return
        }
        #expect(leader == a.memberID)
        #expect(Set(members.keys) == Set([a, b, c].map(\.memberID)))
    }

    @Test func `a group is described as it stands`() throws {
        #expect(model.describeGroup("g").state == "Dead")
        let a = try admit(request("a"))
        #expect(model.describeGroup("g").state == "CompletingRebalance")
        #expect(model.describeGroup("g").way == "")
        _ = try model.joinGroup("g", a)
        _ = try model.syncGroup("g", membership(a, 1), assignments: [a.memberID: [1, 2]])
        let stable = model.describeGroup("g")
        #expect(stable.state == "Stable" && stable.way == "range" && stable.protocolType == "consumer")
        #expect(stable.members.map(\.assignment) == [[1, 2]])
        #expect(stable.members.map(\.clientHost) == ["/127.0.0.1"])
        _ = try admit(request("b"))
        #expect(model.describeGroup("g").state == "PreparingRebalance")
        #expect(model.describeGroup("g").members.map(\.assignment) == [[], []])
        #expect(model.groupNames == ["g"])
    }

    @Test func `who waits is told when to ask again`() throws {
        let a = try lone(request("a"))
        _ = model.takeChangedGroups()
        try model.heartbeat("g", membership(a, 1))
        #expect(model.takeChangedGroups() == [])
        let b = try admit(request("b"))
        #expect(model.takeChangedGroups() == ["g"])
        #expect(try model.joinGroup("g", b) == .waiting)
        #expect(model.takeChangedGroups() == [])
        #expect(model.nextDeadline == 10_000, "a has to send a heartbeat")
        _ = try model.joinGroup("g", a)
        #expect(model.takeChangedGroups() == ["g"])
        #expect(try model.syncGroup("g", membership(b, 2)) == nil)
        _ = try model.syncGroup("g", membership(a, 2), assignments: [b.memberID: [9]])
        #expect(model.takeChangedGroups() == ["g"])
        #expect(try model.syncGroup("g", membership(b, 2)) == [9])
    }

    @Test func `who waits for its share need not show that it lives`() throws {
        let a = try lone(request("a"))
        let b = try admit(request("b"))
        _ = try model.joinGroup("g", a)
        _ = try model.syncGroup("g", membership(b, 2))
        for _ in 0..<3 {
            model.advance(by: 9_000)
            try model.heartbeat("g", membership(a, 2))
        }
        _ = try model.syncGroup("g", membership(a, 2), assignments: [b.memberID: [9]])
        #expect(try model.syncGroup("g", membership(b, 2)) == [9])
        model.advance(by: 9_999)
        try model.heartbeat("g", membership(b, 2))
    }

    @Test func `who waits for its share has a whole session left when the group is shared out anew`() throws {
        let a = try lone(request("a"))
        let b = try admit(request("b"))
        _ = try model.joinGroup("g", a)
        _ = try model.syncGroup("g", membership(b, 2))
        model.advance(by: 9_000)
        try model.heartbeat("g", membership(a, 2))
        model.advance(by: 9_000)
        _ = try admit(request("c"))
        model.advance(by: 999)
        #expect(code { try model.heartbeat("g", membership(b, 2)) } == .rebalanceInProgress)
    }

    @Test
    func `a member that comes back under its instance id keeps its share, and its former self is fenced`()
        throws
    {
        let old = try lone(request("a", instance: "i"))
        let new = try admit(request("a", instance: "i"))
        #expect(new.memberID != old.memberID)
        let answer = try model.joinGroup("g", new)
        let expected = JoinAnswer.joined(
            generation: 1, way: "range", leader: old.memberID, members: [:])
        #expect(answer == expected, "the leader is told of its former self and shares nothing out")
        #expect(try model.syncGroup("g", membership(new, 1)) == [1, 2])
        #expect(code { try model.heartbeat("g", membership(old, 1)) } == .fencedInstanceID)
        let late = code {
            try model.commitOffsets([zero: 1] as [TopicPartition: Int64], group: "g", by: membership(old, 1))
        }
        #expect(late == .fencedInstanceID)
        #expect(model.describeGroup("g").members.map(\.instanceID) == ["i"])
        #expect(model.generation(ofGroup: "g") == 1)

        try model.leaveGroup("g", memberID: "", instanceID: "i")
        #expect(model.describeGroup("g").state == "Empty")
        #expect(code { try model.leaveGroup("g", memberID: "", instanceID: "i") } == .unknownMemberID)
    }

    @Test func `a member that comes back while it is shared out starts that anew`() throws {
        let a = try lone(request("a"))
        let old = try admit(request("b", instance: "i"))
        _ = try model.joinGroup("g", a)
        #expect(model.describeGroup("g").state == "CompletingRebalance")
        let new = try admit(request("b", instance: "i"))
        #expect(model.describeGroup("g").state == "PreparingRebalance")
        #expect(code { _ = try model.joinGroup("g", old) } == .fencedInstanceID)
        _ = try model.joinGroup("g", a)
        guard case .joined(3, _, _, _) = try model.joinGroup("g", new) else {
            Issue.record("not joined")
            return
        }
    }

    @Test func `offsets keep what is written beside them`() throws {
        let offset = CommittedOffset(5, leaderEpoch: 2, metadata: "here")
        try model.commitOffsets([zero: offset, one: CommittedOffset(1)], group: "g")
        #expect(model.committedOffsets("g").offsets == [zero: offset, one: CommittedOffset(1)])
        #expect(model.committedOffsets("g", [zero]).offsets == [zero: offset])
        let producer = try RawProducer(model, "t")
        try model.addOffsets(ofGroup: "g", transactionalID: "t", producer: producer.identity)
        try model.commitOffsets(
            [zero: CommittedOffset(9)], group: "g", by: Membership(), transactionalID: "t",
            producer: producer.identity)
        let found = model.committedOffsets("g", requiresStable: true)
        #expect(found.unstable == [zero] && found.offsets.keys.sorted() == [one])
        #expect(model.committedOffsets("g").offsets[zero] == offset)
    }

    @Test func `a group that there is not takes no offsets of a generation`() throws {
        let stranger = Membership(memberID: "x", generation: 3)
        let refused = code {
            try model.commitOffsets([zero: 1] as [TopicPartition: Int64], group: "g", by: stranger)
        }
        #expect(refused == .illegalGeneration)
        #expect(model.groupNames == [])
    }

    @Test func `only what nobody reads can be deleted`() throws {
        #expect(code { try model.deleteGroup("g") } == .groupIDNotFound)
        #expect(code { _ = try model.deleteOffsets([zero], ofGroup: "g") } == .groupIDNotFound)
        let a = try lone(request("a", topics: ["in"]))
        let out = TopicPartition("out", 0)
        try model.commitOffsets([zero: 1, out: 2], group: "g", by: membership(a, 1))
        #expect(code { try model.deleteGroup("g") } == .nonEmptyGroup)
        #expect(try model.deleteOffsets([zero, out], ofGroup: "g") == [zero: .groupSubscribedToTopic])
        #expect(model.committedOffsets("g").offsets.keys.sorted() == [zero])
        try model.leaveGroup("g", memberID: a.memberID)
        #expect(model.generation(ofGroup: "g") == 2)
        #expect(try model.deleteOffsets([zero], ofGroup: "g") == [:])
        try model.deleteGroup("g")
        #expect(model.groupNames == [])
    }

    @Test func `members may tell each other anything`() throws {
        var odd = request("a")
        odd.ways = [
            ("range", [0, 0, 255, 255, 255, 255, 255]), ("x", [0, 0, 127, 255, 255, 255, 255, 255]),
        ]
        _ = try lone(odd)
        #expect(try model.deleteOffsets([zero], ofGroup: "g") == [:])
    }
}
