import Kafka
import SimulatedKafka
import Testing

@Suite struct ProducerTests {
    let model = makeModel()
    let process: SimulatedProcess

    init() { process = SimulatedProcess(model) }

    func member(_ process: SimulatedProcess, _ client: String) throws -> any StreamConsumer {
        let consumer = try process.consumer(client: client)
        try consumer.subscribe(to: ["in"])
        try consumer.settle()
        return consumer
    }

    @Test func `records wait until they are flushed, the driver lets some out, or a commit`() throws {
        let producer = try process.producer(nil)
        try producer.send("a", "b", "c", to: zero)
        #expect(try model.values(zero) == [])
        process.batchRecords = 2
        process.flushSome()
        #expect(try model.values(zero) == ["a", "b"])
        try producer.flush(timeoutMilliseconds: 0)
        #expect(try model.values(zero) == ["a", "b", "c"])
    }

    @Test func `a full queue refuses the rest`() throws {
        process.queueLimit = 2
        let producer = try process.producer(nil)
        var buffer = RecordBuffer(topics: ["in"])
        for _ in 0..<3 { buffer.append(topic: 0, partition: 0, key: nil, value: nil) }
        #expect(try producer.send(buffer, from: 0, timeoutMilliseconds: 0) == 2)
        #expect(try producer.send(buffer, from: 2, timeoutMilliseconds: 0) == 2)
        try producer.flush(timeoutMilliseconds: 0)
        #expect(try producer.send(buffer, from: 2, timeoutMilliseconds: 0) == 3)
    }

    @Test func `the key chooses the topic partition, always the same`() throws {
        model.createTopic("wide", topicPartitions: 16)
        let producer = try process.producer(nil)
        for _ in 0..<2 {
            var buffer = RecordBuffer(topics: ["wide"])
            for key in 0..<40 {
                buffer.append(
                    topic: 0, partition: -1, key: "k\(key)".utf8Span.span.bytes, value: nil)
            }
            _ = try producer.send(buffer, from: 0, timeoutMilliseconds: 0)
        }
        try producer.flush(timeoutMilliseconds: 0)
        let found = (0..<16).map { model.committedRecords(TopicPartition("wide", $0)) }
        #expect(found.filter { !$0.isEmpty }.count > 8)
        for records in found {
            let keys = records.map { text($0.key) }
            #expect(keys.count == 2 * Set(keys).count)
        }
    }

    @Test func `a transaction's records and offsets are seen together or not at all`() throws {
        let consumer = try member(process, "a")
        let producer = try process.producer("t")
        try producer.beginTransaction()
        try producer.send("lost", to: zero)
        try producer.sendOffsets([one: 1], of: consumer, timeoutMilliseconds: 0)
        process.flushSome()
        try producer.abort()
        try producer.beginTransaction()
        try producer.send("kept", to: zero)
        try producer.sendOffsets([one: 2], of: consumer, timeoutMilliseconds: 0)
        #expect(try model.values(zero) == [])
        try producer.commit()
        #expect(try model.values(zero) == ["kept"])
        #expect(model.commitHistory("g") == [one: [2]])
    }

    @Test func `calls in the wrong state are the caller's to fix`() throws {
        let producer = try process.makeProducer(client: "p", transactionalID: "t")
        #expect(failure { try producer.beginTransaction() }?.remedy == .fix)
        try producer.initTransactions(timeoutMilliseconds: 0)
        #expect(failure { try producer.commit() }?.remedy == .fix)
        try producer.beginTransaction()
        #expect(failure { try producer.beginTransaction() }?.remedy == .fix)
        try producer.commit()
    }

    @Test func `a zombie is fenced by its transactional id`() throws {
        let zombie = try process.producer("t")
        try zombie.beginTransaction()
        try zombie.send("old", to: zero)
        process.flushSome()
        let successor = try SimulatedProcess(model).producer("t")
        try zombie.send("older", to: zero)
        let error = failure { try zombie.commit() }
        #expect(error?.code == -144)
        #expect(error?.isFatal == true)
        #expect(zombie.fatalError == error)
        #expect(failure { try zombie.abort() } == error)
        try successor.beginTransaction()
        try successor.send("new", to: zero)
        try successor.commit()
        #expect(try model.values(zero) == ["new"])
    }

    @Test func `a zombie is fenced by the generation of its group`() throws {
        let consumer = try member(process, "a")
        let zombie = try process.producer("a")
        try zombie.beginTransaction()
        try zombie.send("old", to: zero)
        process.isPaused = true
        model.advance(by: 50_000)
        let other = SimulatedProcess(model)
        _ = try member(other, "b")
        process.isPaused = false
        let error = failure { try zombie.sendOffsets([one: 1], of: consumer, timeoutMilliseconds: 0) }
        #expect(error?.code == 25)
        #expect(error?.requiresAbort == true)
        #expect(error?.isFenced == true)
        #expect(failure { try zombie.commit() } == error)
        #expect(failure { try zombie.send("more", to: zero) } == error)
        try zombie.abort()
        try zombie.beginTransaction()
        #expect(try model.values(zero) == [])
        #expect(model.commitHistory("g") == [:])
    }

    @Test func `a commit whose flush ran into its time-out can only be tried again`() throws {
        let producer = try process.producer("t")
        try producer.beginTransaction()
        try producer.send("x", to: zero)
        process.faults = { $0.call == .produce ? .error(timeOut) : .none }
        #expect(failure { try producer.commit() }?.isRetriable == true)
        #expect(failure { try producer.abort() }?.remedy == .fix, "as librdkafka has it")
        process.faults = nil
        try producer.commit()
        #expect(try model.values(zero) == ["x"])
    }

    @Test func `as long as markers are on their way, the next transaction waits`() throws {
        model.delaysMarkers = true
        let producer = try process.producer("t")
        for value in ["x", "y"] {
            try producer.beginTransaction()
            try producer.send(value, to: zero)
            if value == "x" {
                try producer.commit()
            } else {
                #expect(failure { try producer.commit() }?.isRetriable == true)
            }
        }
        model.deliverMarkers()
        try producer.commit()
        model.deliverMarkers()
        #expect(try model.values(zero) == ["x", "y"])
    }
}
