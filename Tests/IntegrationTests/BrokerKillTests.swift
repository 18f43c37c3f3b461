import Foundation
import Kafka
import Logging
import Synchronization
import Testing

/// An embedded broker with data that is killed while clients write to it.
@Suite(.serialized) struct BrokerKillTests {
    static let topic = "events"

    private static var logger: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }

    @Test(arguments: [11, 12] as [UInt64])
    func `what was acknowledged is there, once and in order`(seed: UInt64) async throws {
        let broker = try BrokerProcess(topics: ["events:2"])
        let client = ClientConfiguration(brokers: broker.brokers)
        let isOver = Atomic(false)
        async let acknowledged = DedicatedThread.run(named: "produce") {
            let producer = try Producer(
                client.setting(["reconnect.backoff.max.ms": "100"]), logger: Self.logger)
            var next = 0
            while !isOver.load(ordering: .relaxed) {
                var buffer = RecordBuffer(topics: [Self.topic])
                for number in next..<next + 100 {
                    buffer.append(
                        topic: 0, partition: Int32(number % 2), key: nil,
                        value: Array("\(number)".utf8).span.bytes)
                }
                try producer.send(buffer)
                try producer.flush()
                next += 100
            }
            producer.close()
            return next
        }
        try await kill(broker, 6, seed)
        isOver.store(true, ordering: .relaxed)
        let count = try await acknowledged
        #expect(count > 500)
        let logs = try await read(client)
        for parity in 0...1 {
            #expect(logs[parity] == stride(from: parity, to: count, by: 2).map { "\($0)" }, "seed \(seed)")
        }
        #expect(broker.terminate() == 0)
        try broker.start()
        #expect(try await read(client) == logs)
    }

    @Test(arguments: [21, 22] as [UInt64])
    func `transactions are there as a whole, or not at all`(seed: UInt64) async throws {
        let broker = try BrokerProcess(topics: ["events:2"])
        let client = ClientConfiguration(brokers: broker.brokers)
        let isOver = Atomic(false)
        async let committed = DedicatedThread.run(named: "transactions") {
            let producer = try Producer(
                client.setting(["transactional.id": "t", "reconnect.backoff.max.ms": "100"]),
                logger: Self.logger)
            try producer.initTransactions()
            var next = 0
            while !isOver.load(ordering: .relaxed) {
                var buffer = RecordBuffer(topics: [Self.topic])
                for place in 0...1 as ClosedRange<Int32> {
                    buffer.append(
                        topic: 0, partition: place, key: nil, value: Array("\(next)".utf8).span.bytes)
                }
                if try Self.commit(buffer, producer, aborts: next % 7 == 3) { next += 1 }
            }
            // One is left open, by a producer that never comes back.
            try producer.beginTransaction()
            var buffer = RecordBuffer(topics: [Self.topic])
            buffer.append(topic: 0, partition: 0, key: nil, value: Array("open".utf8).span.bytes)
            try producer.send(buffer)
            try producer.flush()
            producer.close()
            return next
        }
        try await kill(broker, 6, seed)
        isOver.store(true, ordering: .relaxed)
        let count = try await committed
        try broker.crashAndRestart()
        // A new holder ends what the old one left open.
        try await DedicatedThread.run(named: "take over") {
            let producer = try Producer(client.setting(["transactional.id": "t"]), logger: Self.logger)
            try producer.initTransactions()
            producer.close()
        }
        let expected = (0..<count).map { "\($0)" }
        let logs = try await read(client)
        #expect(count > 20)
        #expect(logs[0] == expected, "seed \(seed)")
        #expect(logs[1] == expected, "seed \(seed)")
    }

    @Test func `a group goes on where it was`() async throws {
        let broker = try BrokerProcess(topics: ["events:2"])
        let client = ClientConfiguration(brokers: broker.brokers)
        let place = TopicPartition(Self.topic, 1)
        try await DedicatedThread.run(named: "commit") {
            let consumer = try Consumer(client.setting(["group.id": "g"]), logger: Self.logger)
            try consumer.assign([place: 0])
            try consumer.commit([place: 42])
            consumer.close()
        }
        try broker.crashAndRestart()
        let found = try await DedicatedThread.run(named: "committed") {
            let consumer = try Consumer(client.setting(["group.id": "g"]), logger: Self.logger)
            defer { consumer.close() }
            return try consumer.committed([place])
        }
        #expect(found == [place: 42])
    }

    // MARK: How it is done

    /// Kills the broker at moments that the seed chooses.
    private func kill(_ broker: BrokerProcess, _ times: Int, _ seed: UInt64) async throws {
        var state = seed
        for _ in 0..<times {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            try await Task.sleep(for: .milliseconds(200 + Int(state >> 33) % 500))
            try broker.crashAndRestart()
        }
        try await Task.sleep(for: .milliseconds(500))
    }

    /// Commits the records in one transaction; after an error it is aborted or asked for again, until it is clear
    /// whether it was committed.
    private static func commit(_ buffer: RecordBuffer, _ producer: Producer, aborts: Bool) throws -> Bool {
        try producer.beginTransaction()
        do throws(KafkaError) {
            try producer.send(buffer)
            if aborts, Bool.random() {
                try producer.flush()
                try retried { () throws(KafkaError) in try producer.abortTransaction() }
                return false
            }
            try retried { () throws(KafkaError) in try producer.commitTransaction() }
            return true
        } catch {
            guard error.requiresAbort else { throw error }
            try retried { () throws(KafkaError) in try producer.abortTransaction() }
            return false
        }
    }

    private static func retried(_ body: () throws(KafkaError) -> Void) throws(KafkaError) {
        while true {
            do throws(KafkaError) { return try body() } catch { if !error.isRetriable { throw error } }
        }
    }

    /// The values that are committed, by topic partition.
    private func read(_ client: ClientConfiguration) async throws -> [[String]] {
        try await DedicatedThread.run(named: "read") {
            let consumer = try Consumer(
                client.setting(["group.id": "reader", "fetch.wait.max.ms": "10"]), logger: Self.logger)
            defer { consumer.close() }
            try consumer.assign([TopicPartition(Self.topic, 0): 0, TopicPartition(Self.topic, 1): 0])
            var (result, open) = ([[String]](repeating: [], count: 2), Set([0, 1] as [Int32]))
            let deadline = ContinuousClock.now + .seconds(60)
            while !open.isEmpty, ContinuousClock.now < deadline {
                let batch = consumer.poll(maximum: 1_000, timeoutMilliseconds: 50)
                for i in 0..<batch.count {
                    switch batch.event(at: i) {
                    case nil:
                        let record = StoredRecord(batch.record(at: i))
                        result[Int(record.place.partition)].append(
                            String(decoding: record.value ?? [], as: UTF8.self))
                    case .end(let place, _): open.remove(place.partition)
                    case .failure: break
                    }
                }
            }
            return result
        }
    }
}
