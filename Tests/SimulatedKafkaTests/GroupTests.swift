import Kafka
import SimulatedKafka
import Testing

@Suite struct GroupTests {
    let model = makeModel()
    let first: SimulatedProcess
    let second: SimulatedProcess

    init() {
        first = SimulatedProcess(model)
        second = SimulatedProcess(model)
    }

    func member(_ process: SimulatedProcess, _ client: String) throws -> any StreamConsumer {
        let consumer = try process.consumer(client: client)
        try consumer.subscribe(to: ["in"])
        return consumer
    }

    @Test func `a lone member gets everything`() throws {
        let a = try member(first, "a")
        #expect(try a.settle() == .assign([zero, one], incremental: false))
        #expect(Set(model.members(ofGroup: "g").values) == ["a"])
        #expect(try first.clients(ofGroup: "g") == ["a"])
    }

    @Test func `topics are shared out each by itself, in runs, as librdkafka's range does`() throws {
        model.createTopic("wide", topicPartitions: 5)
        let a = try first.consumer(client: "a")
        try a.subscribe(to: ["in", "wide"])
        let b = try second.consumer(client: "b")
        try b.subscribe(to: ["wide"])
        try a.settle()
        try b.settle()
        try a.settle()
        let wide = (0..<5).map { TopicPartition("wide", Int32($0)) }
        #expect(try a.settle() == .assign([zero, one] + wide[..<3], incremental: false))
        #expect(try b.settle() == .assign(Array(wide[3...]), incremental: false))
    }

    @Test func `a second member takes its part when the first has given it away`() throws {
        let a = try member(first, "a")
        try a.settle()
        let b = try member(second, "b")
        #expect(try b.settle() == nil)
        model.append(zero, "x")
        #expect(a.take().values == [], "a decided rebalance is answered before anything is read")
        #expect(a.takeRebalance() == .revoke([zero, one], incremental: false, lost: false))
        try a.accept(.revoke([zero, one], incremental: false, lost: false), startingAt: [:])
        #expect(try a.settle() == .assign([zero], incremental: false))
        #expect(try b.settle() == .assign([one], incremental: false))
        #expect(a.take().values == ["x"])
        #expect(b.take().values == [])
    }

    @Test func `when a member leaves, the others get its part`() throws {
        let a = try member(first, "a")
        let b = try member(second, "b")
        try a.settle()
        _ = try b.settle()
        try a.settle()
        try a.settle()
        try b.settle()
        b.close()
        #expect(try a.settle() == .revoke([zero], incremental: false, lost: false))
        #expect(try a.settle() == .assign([zero, one], incremental: false))
    }

    @Test func `a crashed member is given up when its session runs out`() throws {
        let a = try member(first, "a")
        let b = try member(second, "b")
        try a.settle()
        _ = try b.settle()
        try a.settle()
        try a.settle()
        try b.settle()
        second.crash()
        model.advance(by: 44_999)
        #expect(try a.settle() == nil)
        model.advance(by: 1)
        #expect(model.members(ofGroup: "g").count == 1)
        #expect(try a.settle() == .revoke([zero], incremental: false, lost: false))
        #expect(try a.settle() == .assign([zero, one], incremental: false))
        #expect(b.fatalError?.isFatal == true)
    }

    @Test func `a paused member loses its membership and joins as a new one, a busy one does not`() throws {
        let a = try member(first, "a")
        try a.settle()
        model.advance(by: 100_000)
        #expect(try a.settle() == nil)
        first.isPaused = true
        model.advance(by: 100_000)
        #expect(model.members(ofGroup: "g").isEmpty)
        first.isPaused = false
        #expect(try a.settle() == .revoke([zero, one], incremental: false, lost: true))
        #expect(try a.settle() == .assign([zero, one], incremental: false))
    }

    @Test func `a rebalance waits for a member that does not poll, up to its time-out`() throws {
        let a = try member(first, "a")
        try a.settle()
        let b = try member(second, "b")
        #expect(try b.settle() == nil)
        model.advance(by: 299_000)
        #expect(try b.settle() == nil)
        model.advance(by: 1_000)
        #expect(try b.settle() == .assign([zero, one], incremental: false))
        #expect(try a.settle() == .revoke([zero, one], incremental: false, lost: true))
    }

    @Test func `offsets are refused from who is no member or of another generation`() throws {
        let a = try member(first, "a")
        try a.settle()
        try a.commit([zero: 1])
        let stranger = try second.consumer(client: "s")
        #expect(failure { try stranger.commit([zero: 9]) }?.code == 25)
        let id = try #require(model.members(ofGroup: "g").keys.first)
        let generation = model.generation(ofGroup: "g")
        let old = Membership(memberID: id, generation: generation - 1)
        #expect(code { try model.commitOffsets([zero: 9], group: "g", by: old) } == .illegalGeneration)
        #expect(model.committedOffset("g", zero) == 1)
    }

    @Test(arguments: [true, false])
    func `who does not know its share yet is refused, in transactions if the model says so`(strict: Bool)
        throws
    {
        model.refusesOffsetsWhileSharingOut = strict
        let request = JoinRequest(
            memberID: "", clientID: "a", sessionTimeout: 1_000, rebalanceTimeout: 1_000,
            ways: [("range", [])])
        guard case .named(let id) = try model.joinGroup("g", request) else {
            Issue.record("not named")
            return
        }
        var named = request
        named.memberID = id
        _ = try model.joinGroup("g", named)
        let membership = Membership(memberID: id, generation: 1)
        let plain = code { try model.commitOffsets([zero: 1], group: "g", by: membership) }
        #expect(plain == .rebalanceInProgress)
        let producer = try RawProducer(model, "t")
        try model.addOffsets(ofGroup: "g", transactionalID: "t", producer: producer.identity)
        let transactional = code {
            try model.commitOffsets(
                [zero: 1], group: "g", by: membership, transactionalID: "t", producer: producer.identity)
        }
        #expect(transactional == (strict ? .rebalanceInProgress : nil))
    }

    @Test func `a group without a deadline to come stays as it is however far time moves`() throws {
        let a = try member(first, "a")
        try a.settle()
        model.advance(by: 10_000_000)
        #expect(model.generation(ofGroup: "g") == 1)
        #expect(try a.settle() == nil)
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `whatever members do, in the end each topic partition has one owner`(seed: UInt64) throws {
        var random = Seeded(state: seed)
        var members: [(process: SimulatedProcess, consumer: any StreamConsumer)] = []
        var held: [ObjectIdentifier: [TopicPartition]] = [:]
        var isCalm = false
        func step(_ index: Int) throws {
            let (process, consumer) = members[index]
            if process.isPaused { return }
            let rebalance = try consumer.settle()
            switch rebalance {
            case .assign(let places, _): held[ObjectIdentifier(consumer)] = places
            case .revoke: held[ObjectIdentifier(consumer)] = []
            case nil: break
            }
        }
        for _ in 0..<200 {
            switch Int.random(in: 0..<12, using: &random) {
            case 0 where members.count < 4:
                let process = SimulatedProcess(model)
                process.faults = { _ in
                    if isCalm { return .none }
                    return [.none, .none, .none, .error(timeOut), .lostAnswer(timeOut)]
                        .randomElement(using: &random) ?? .none
                }
                members.append((process, try member(process, "m")))
            case 1 where members.count > 1:
                let index = Int.random(in: 0..<members.count, using: &random)
                held[ObjectIdentifier(members[index].consumer)] = nil
                if Bool.random(using: &random) {
                    members[index].consumer.close()
                } else {
                    members[index].process.crash()
                }
                members.remove(at: index)
            case 2 where !members.isEmpty:
                members[Int.random(in: 0..<members.count, using: &random)].process.isPaused.toggle()
            case 3: model.advance(by: Int64.random(in: 1...30_000, using: &random))
            default: if !members.isEmpty { try step(Int.random(in: 0..<members.count, using: &random)) }
            }
        }
        isCalm = true
        for member in members { member.process.isPaused = false }
        for _ in 0..<100 {
            for index in members.indices { try step(index) }
            model.advance(by: 1_000)
        }
        let owned = members.flatMap { held[ObjectIdentifier($0.consumer)] ?? [] }
        #expect(owned.sorted() == (members.isEmpty ? [] : [zero, one]), "seed \(seed)")
    }
}
