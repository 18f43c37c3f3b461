import Kafka
import SimulatedKafka
import Testing

@Suite struct FaultTests {
    let model = makeModel()
    let process: SimulatedProcess

    init() { process = SimulatedProcess(model) }

    /// The fault befalls the next call of this kind, once.
    func next(_ call: Operation.Call, _ fault: Fault) {
        var isOver = false
        process.faults = { operation in
            guard !isOver, operation.call == call else { return .none }
            isOver = true
            return fault
        }
    }

    @Test func `a batch whose answer is lost is sent again and not appended twice`() throws {
        let producer = try process.producer(nil)
        try producer.send("a", "b", to: zero)
        next(.produce, .lostAnswer(timeOut))
        #expect(failure { try producer.flush(timeoutMilliseconds: 0) }?.isRetriable == true)
        #expect(try model.values(zero) == ["a", "b"])
        try producer.send("c", to: zero)
        try producer.flush(timeoutMilliseconds: 0)
        #expect(try model.values(zero) == ["a", "b", "c"])
    }

    @Test func `a commit whose answer is lost is tried again and commits once`() throws {
        let producer = try process.producer("t")
        try producer.beginTransaction()
        try producer.send("a", to: zero)
        next(.endTransaction(isCommit: true), .lostAnswer(timeOut))
        #expect(failure { try producer.commit() }?.isRetriable == true)
        #expect(try model.values(zero) == ["a"])
        try producer.commit()
        try producer.beginTransaction()
        try producer.send("b", to: zero)
        try producer.commit()
        #expect(try model.values(zero) == ["a", "b"])
    }

    @Test func `a commit that never arrived is tried again and loses nothing`() throws {
        let producer = try process.producer("t")
        try producer.beginTransaction()
        try producer.send("a", to: zero)
        next(.endTransaction(isCommit: true), .error(timeOut))
        #expect(failure { try producer.commit() }?.isRetriable == true)
        #expect(try model.values(zero) == [])
        try producer.commit()
        #expect(try model.values(zero) == ["a"])
    }

    @Test func `an abort whose answers are lost leaves the producer's numbers without a gap`() throws {
        let producer = try process.producer("t")
        try producer.beginTransaction()
        try producer.send("a", to: zero)
        next(.produce, .lostAnswer(timeOut))
        process.flushSome()
        next(.endTransaction(isCommit: false), .lostAnswer(timeOut))
        #expect(failure { try producer.abort() }?.isRetriable == true)
        try producer.abort()
        try producer.beginTransaction()
        try producer.send("b", to: zero)
        try producer.commit()
        #expect(try model.values(zero) == ["b"])
    }

    @Test func `to give up a commit that went through ends the producer`() throws {
        let producer = try process.producer("t")
        try producer.beginTransaction()
        try producer.send("a", to: zero)
        let gaveUp = KafkaError(code: -185, reason: "simulated", remedy: .abort)
        next(.endTransaction(isCommit: true), .lostAnswer(gaveUp))
        #expect(failure { try producer.commit() } == gaveUp)
        #expect(failure { try producer.abort() }?.isFatal == true)
        #expect(try model.values(zero) == ["a"])
    }

    @Test func `init whose answer is lost is tried again`() throws {
        let producer = try process.makeProducer(client: "p", transactionalID: "t")
        next(.initProducerID, .lostAnswer(timeOut))
        #expect(failure { try producer.initTransactions(timeoutMilliseconds: 0) }?.isRetriable == true)
        try producer.initTransactions(timeoutMilliseconds: 0)
        try producer.beginTransaction()
    }

    @Test func `an error that asks for an abort holds until the abort`() throws {
        let producer = try process.producer("t")
        try producer.beginTransaction()
        try producer.send("a", to: zero)
        next(.produce, .error(KafkaError(code: 7, reason: "simulated", remedy: .abort)))
        #expect(failure { try producer.commit() }?.requiresAbort == true)
        #expect(failure { try producer.commit() }?.requiresAbort == true)
        try producer.abort()
        try producer.beginTransaction()
        try producer.send("b", to: zero)
        try producer.commit()
        #expect(try model.values(zero) == ["b"])
    }

    @Test(arguments: [Fault.crashBefore, .crashAfter, .crashFlushing(batches: 1)])
    func `a crash in the middle of a commit leaves all of it or nothing`(fault: Fault) throws {
        for call in [
            Operation.Call.addPartitions, .produce, .addOffsets, .commitTransactionOffsets,
            .endTransaction(isCommit: true),
        ] {
            let model = makeModel()
            let process = SimulatedProcess(model)
            let consumer = try process.consumer()
            let producer = try process.producer("t")
            process.faults = { $0.call == call ? fault : .none }
            do {
                try producer.beginTransaction()
                try producer.send("a", to: zero)
                try producer.send("b", to: one)
                try producer.sendOffsets([zero: 7], of: consumer, timeoutMilliseconds: 0)
                try producer.commit()
                Issue.record("no crash at \(call)")
            } catch {
                #expect((error as? KafkaError)?.isFatal == true)
            }
            #expect(failure { try producer.abort() }?.isFatal == true)
            process.flushSome()
            // Whoever comes back under the same name ends what was left open.
            _ = try SimulatedProcess(model).producer("t")
            let isThere = call == .endTransaction(isCommit: true) && fault == .crashAfter
            #expect(try model.values(zero) == (isThere ? ["a"] : []))
            #expect(try model.values(one) == (isThere ? ["b"] : []))
            let committed = try model.fetchOffsets([zero], group: "g", requiresStable: true)
            #expect(committed == (isThere ? [zero: 7] : [:]))
        }
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `whatever goes wrong, committed records and offsets agree`(seed: UInt64) throws {
        var random = Seeded(state: seed)
        model.delaysMarkers = Bool.random(using: &random)
        var isCalm = false
        var attempt = 0
        let group = try SimulatedProcess(model).consumer()
        func run(_ process: SimulatedProcess) throws -> Bool {
            let consumer = try process.consumer()
            let producer = try process.makeProducer(client: "p", transactionalID: "t")
            /// Calls again what ran into its time-out.
            func insist(_ body: () throws -> Void) throws {
                for _ in 0..<50 {
                    do { return try body() } catch let error as KafkaError where error.isRetriable {
                        process.wait(.milliseconds(50))
                    }
                }
                throw timeOut
            }
            try insist { try producer.initTransactions(timeoutMilliseconds: 0) }
            while true {
                var done: Int64?
                try insist {
                    done =
                        try consumer.committed([zero], timeoutMilliseconds: 0)[zero]?.offset ?? 0
                }
                guard let done else { return false }
                if done >= 30 { return true }
                attempt += 1
                do {
                    try producer.beginTransaction()
                    // Each transaction writes its number to both topic partitions.
                    for place in [TopicPartition("out", 0), TopicPartition("out", 1)] {
                        try producer.send("\(done).\(attempt)", to: place)
                    }
                    if Bool.random(using: &random) { process.flushSome() }
                    try insist {
                        try producer.sendOffsets(
                            [zero: OffsetAndMetadata(done + 1)], of: consumer, timeoutMilliseconds: 0)
                    }
                    try insist { try producer.commit() }
                } catch let error as KafkaError where error.requiresAbort {
                    try insist { try producer.abort() }
                }
            }
        }
        for _ in 0..<500 {
            let process = SimulatedProcess(model)
            process.batchRecords = 1
            process.faults = { _ in
                if isCalm { return .none }
                return switch Int.random(in: 0..<40, using: &random) {
                case 0: .crashBefore
                case 1: .crashAfter
                case 2: .crashFlushing(batches: 1)
                case 3, 4: .lostAnswer(timeOut)
                case 5, 6: .error(timeOut)
                case 7: .error(KafkaError(code: 7, reason: "simulated", remedy: .abort))
                default: .none
                }
            }
            do {
                if try run(process) { break }
            } catch let error as KafkaError {
                #expect(!(error.remedy == .fix && error.code != -172), "\(error), seed \(seed)")
            }
        }
        isCalm = true
        model.advance(by: 120_000)
        #expect(try group.committed([zero], timeoutMilliseconds: 0) == [zero: 30], "seed \(seed)")
        let numbers = try (0..<2).map { try model.values(TopicPartition("out", $0)) }
        #expect(numbers[0] == numbers[1], "seed \(seed)")
        #expect(numbers[0].map { $0.split(separator: ".")[0] } == (0..<30).map { "\($0)" })
        #expect(model.commitHistory("g") == [zero: Array(1...30)])
    }
}
