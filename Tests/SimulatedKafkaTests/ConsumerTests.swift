import Kafka
import SimulatedKafka
import Testing

@Suite struct ConsumerTests {
    let model = makeModel()
    let process: SimulatedProcess

    init() { process = SimulatedProcess(model) }

    @Test func `records come in order, and the end once each time it is reached`() throws {
        model.append(zero, "a", "b", "c")
        let consumer = try process.consumer()
        try consumer.assign([zero: 0])
        #expect(consumer.take(2) == Seen(values: ["a", "b"]))
        #expect(consumer.take() == Seen(values: ["c"], ends: ["in[0]@3"]))
        #expect(consumer.take() == Seen())
        model.append(zero, "d")
        #expect(consumer.take() == Seen(values: ["d"], ends: ["in[0]@4"]))
    }

    @Test func `the end is where transactions are open, and markers count as read`() throws {
        var open = try RawProducer(model, "t")
        model.append(zero, "a")
        try open.write("b", to: zero)
        let consumer = try process.consumer()
        try consumer.assign([zero: 0])
        #expect(consumer.take() == Seen(values: ["a"], ends: ["in[0]@1"]))
        try open.end(false)
        #expect(consumer.take() == Seen(ends: ["in[0]@3"]))
    }

    @Test func `what was deleted is passed over`() throws {
        model.append(zero, "a", "b", "c")
        try model.deleteRecords(zero, before: 2)
        let consumer = try process.consumer()
        try consumer.assign([zero: 0])
        #expect(consumer.take().values + consumer.take().values == ["c"])
    }

    @Test func `a paused topic partition gives nothing and goes on where it was`() throws {
        model.append(zero, "a", "b")
        model.append(one, "x")
        let consumer = try process.consumer()
        try consumer.assign([zero: 0, one: 0])
        try consumer.pause([zero])
        #expect(consumer.take().values == ["x"])
        try consumer.resume([zero])
        #expect(consumer.take().values == ["a", "b"])
    }

    @Test func `an assignment begins where its owner says, or where the group left off, or at the start`()
        throws
    {
        model.append(zero, "a", "b", "c")
        model.append(one, "x", "y")
        try model.commitOffsets([one: 1], group: "g")
        let consumer = try process.consumer()
        try consumer.subscribe(to: ["in"])
        #expect(consumer.take() == Seen(), "nothing is read before it is accepted")
        let rebalance = try #require(consumer.takeRebalance())
        try consumer.accept(rebalance, startingAt: [zero: 2])
        #expect(consumer.take().values.sorted() == ["c", "y"])
    }

    @Test func `time is the model's`() {
        let start = process.now
        process.wait(.milliseconds(250))
        #expect(process.now - start == .milliseconds(250))
        #expect(model.now == 250)
    }

    @Test func `a dead process has no effect, and says so`() throws {
        model.append(zero, "a")
        let consumer = try process.consumer()
        try consumer.subscribe(to: ["in"])
        try consumer.settle()
        process.crash()
        #expect(consumer.take() == Seen())
        #expect(failure { try consumer.commit([zero: 1]) }?.isFatal == true)
        #expect(failure { _ = try process.topicPartitionCounts() }?.isFatal == true)
        consumer.close()
        #expect(model.members(ofGroup: "g").count == 1, "nobody left: the session runs out")
        #expect(model.committedOffset("g", zero) == nil)
    }

    @Test func `who crashes in the middle of a poll gets nothing of it`() throws {
        model.append(zero, "a")
        model.append(one, "x")
        let consumer = try process.consumer()
        try consumer.assign([zero: 0, one: 0])
        var fetches = 0
        process.faults = { operation in
            #expect(operation.call == .fetch)
            fetches += 1
            return fetches == 2 ? .crashAfter : .none
        }
        #expect(consumer.take() == Seen())
        #expect(process.isCrashed)
    }
}
