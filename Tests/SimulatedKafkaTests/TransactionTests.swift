import Kafka
import SimulatedKafka
import Testing

@Suite struct TransactionTests {
    let model = makeModel()

    @Test func `a topic partition must be added before it is written to`() throws {
        let a = try RawProducer(model, "a")
        let refused = code {
            try model.produce([record("x")], to: zero, by: a.identity, sequence: 0, transactionalID: "a")
        }
        #expect(refused == .invalidTransactionState)
    }

    @Test func `a new holder of a transactional id aborts what was open and fences the old one`() throws {
        var old = try RawProducer(model, "a")
        try old.write("zombie", to: zero)
        var new = try RawProducer(model, "a")
        #expect(new.identity.id == old.identity.id)
        #expect(new.identity.epoch > old.identity.epoch)
        #expect(code { try old.write("more", to: zero) } == .producerFenced)
        #expect(code { try old.end(true) } == .producerFenced)
        let late = code {
            try model.produce(
                [record("late")], to: zero, by: old.identity, sequence: 1, transactionalID: "a")
        }
        #expect(late == .invalidProducerEpoch)
        try new.write("mine", to: zero)
        try new.end(true)
        #expect(try model.values(zero) == ["mine"])
    }

    @Test func `a transaction that takes too long is aborted and its producer fenced`() throws {
        var a = try RawProducer(model, "a")
        try a.write("slow", to: zero)
        model.advance(by: 59_999)
        #expect(model.lastStableOffset(zero) == 0)
        model.advance(by: 1)
        #expect(model.lastStableOffset(zero) == model.endOffset(zero))
        #expect(try model.values(zero) == [])
        #expect(code { try a.end(true) } == .producerFenced)
    }

    @Test func `to end again what is decided is harmless, the other way is refused`() throws {
        var a = try RawProducer(model, "a")
        #expect(code { try a.end(true) } == .invalidTransactionState)
        try a.write("x", to: zero)
        try a.end(true)
        try a.end(true)
        #expect(code { try a.end(false) } == .invalidTransactionState)
        #expect(try model.values(zero) == ["x"])
    }

    @Test func `with delayed markers each topic partition shows a transaction at its own time`() throws {
        model.delaysMarkers = true
        var a = try RawProducer(model, "a")
        try a.write("x", "y", to: zero)
        a.sequence = 0
        try a.write("z", to: one)
        try a.end(true)
        #expect(try model.values(zero) == [])
        #expect(try model.values(one) == [])
        #expect(code { try a.end(true) } == .concurrentTransactions)
        #expect(code { try a.write("next", to: one) } == .concurrentTransactions)

        let marker = try #require(model.pendingMarkers.first { $0.target == .place(zero) })
        model.deliver(marker)
        #expect(try model.values(zero) == ["x", "y"])
        #expect(try model.values(one) == [])
        model.advance(by: 2 * model.markerDelay)
        #expect(try model.values(one) == ["z"])
        try a.end(true)
    }

    @Test func `offsets of an aborted transaction are never seen`() throws {
        let a = try RawProducer(model, "a")
        try model.commitOffsets([zero: 1], group: "g")
        try model.addOffsets(ofGroup: "g", transactionalID: "a", producer: a.identity)
        try model.commitOffsets(
            [zero: 5], group: "g", by: Membership(), transactionalID: "a", producer: a.identity)
        let unstable = code { _ = try model.fetchOffsets([zero], group: "g", requiresStable: true) }
        #expect(unstable == .unstableOffsetCommit)
        #expect(try model.fetchOffsets([one], group: "g", requiresStable: true) == [:])
        try a.end(false)
        #expect(try model.fetchOffsets([zero], group: "g", requiresStable: true) == [zero: 1])
    }

    @Test func `offsets become stable when the group's marker arrives`() throws {
        model.delaysMarkers = true
        let a = try RawProducer(model, "a")
        try model.addOffsets(ofGroup: "g", transactionalID: "a", producer: a.identity)
        try model.commitOffsets(
            [zero: 5], group: "g", by: Membership(), transactionalID: "a", producer: a.identity)
        try a.end(true)
        let consumer = try SimulatedProcess(model).consumer()
        let error = failure { _ = try consumer.committed([zero], timeoutMilliseconds: 0) }
        #expect(error?.code == -185)
        #expect(error?.isRetriable == true)
        model.deliverMarkers()
        #expect(try consumer.committed([zero], timeoutMilliseconds: 0) == [zero: 5])
        #expect(model.commitHistory("g") == [zero: [5]])
    }

    @Test func `a group that was not added to the transaction gets no offsets by it`() throws {
        let a = try RawProducer(model, "a")
        let refused = code {
            try model.commitOffsets(
                [zero: 5], group: "g", by: Membership(), transactionalID: "a", producer: a.identity)
        }
        #expect(refused == .invalidTransactionState)
    }

    @Test func `a holder that goes on after an error gets its next epoch, once however often it asks`() throws
    {
        let first = try model.initProducerID(transactionalID: "a")
        let second = try model.initProducerID(transactionalID: "a", expecting: first)
        #expect(second == ProducerIdentity(id: first.id, epoch: first.epoch + 1))
        #expect(try model.initProducerID(transactionalID: "a", expecting: first) == second)
        let taken = try model.initProducerID(transactionalID: "a")
        #expect(taken.epoch == second.epoch + 1)
        for stale in [first, second, ProducerIdentity(id: 99, epoch: 0)] {
            #expect(
                code { _ = try model.initProducerID(transactionalID: "a", expecting: stale) }
                    == .producerFenced)
        }
    }

    @Test func `a producer id whose epochs are used up is replaced, and its holder can ask again`() throws {
        let last = ProducerIdentity(id: 0, epoch: Int16.max - 1)
        model.restore(.nextProducerID(1))
        model.restore(.transaction(Transaction(transactionalID: "a", producer: last, timeout: 1_000)))
        let next = try model.initProducerID(transactionalID: "a", expecting: last)
        #expect(next == ProducerIdentity(id: 1, epoch: 0))
        #expect(try model.initProducerID(transactionalID: "a", expecting: last) == next)
    }

    @Test func `a transaction may take a quarter of an hour`() throws {
        for timeout in [0, 900_001] as [Int64] {
            let refused = code { _ = try model.initProducerID(transactionalID: "a", timeout: timeout) }
            #expect(refused == .invalidTransactionTimeout)
        }
        _ = try model.initProducerID(transactionalID: "a", timeout: 900_000)
    }

    @Test func `nothing is added along with what does not exist`() throws {
        let a = try RawProducer(model, "a")
        let nowhere = TopicPartition("nowhere", 0)
        let errors = model.partitionErrors(
            adding: [zero, nowhere], transactionalID: "a", producer: a.identity)
        #expect(errors == [zero: .operationNotAttempted, nowhere: .unknownTopicOrPartition])
        #expect(code { try a.end(true) } == .invalidTransactionState)
        #expect(model.partitionErrors(adding: [zero], transactionalID: "a", producer: a.identity) == [:])
        let stale = ProducerIdentity(id: a.identity.id, epoch: 9)
        let fenced = model.partitionErrors(adding: [zero], transactionalID: "a", producer: stale)
        #expect(fenced == [zero: .producerFenced])
    }
}
