import Foundation
import Kafka
import NIOCore
import SimulatedKafka
import Testing

@testable import EmbeddedKafka

@Suite struct StorageBrokerTests {
    private func send(_ count: Int, to kafka: EmbeddedKafka, bytes: Int = 10, timeout: Int = 5_000) throws {
        var buffer = RecordBuffer(topics: [topic])
        let value = [UInt8](repeating: 7, count: bytes)
        for _ in 0..<count { buffer.append(topic: 0, partition: 0, key: nil, value: value.span.bytes) }
        try kafka.publish(
            buffer, ["message.timeout.ms": "\(timeout)", "linger.ms": "5", "compression.codec": "none"])
    }

    @Test(arguments: [0, 1_000] as [Int64])
    func `a broker that is stopped and started has what it had`(flushMilliseconds: Int64) throws {
        let folder = try TemporaryFolder()
        var limits = BrokerLimits()
        limits.flushMilliseconds = flushMilliseconds
        for round in 1...3 {
            let kafka = try EmbeddedKafka(data: folder.url, limits: limits, logger: quiet)
            try kafka.createTopic(topic, topicPartitions: 2)
            try send(100, to: kafka)
            #expect(try kafka.stored(place).reduce(0) { $0 + $1.count } == 100 * round)
            try kafka.stop()
        }
    }

    @Test func `a broker whose disk is full acknowledges nothing and ends`() async throws {
        let folder = try TemporaryFolder()
        let first = try EmbeddedKafka(data: folder.url, logger: quiet)
        try first.createTopic(topic, topicPartitions: 2)
        try first.stop()
        let log = folder.url.appending(path: "topics/0/things-0")
        try FileManager.default.createDirectory(at: log, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            at: log.appending(path: "\(LogFiles.name(0)).log"),
            withDestinationURL: URL(fileURLWithPath: "/dev/full"))
        let kafka = try EmbeddedKafka(data: folder.url, logger: quiet)
        #expect(throws: KafkaError.self) { try send(1, to: kafka, timeout: 1_000) }
        await #expect(throws: StorageError.self) { try await kafka.untilStopped() }
        // For good.
        try kafka.setOnline(true)
        #expect(try RawClient(kafka.brokers).isEnded)
        #expect(throws: StorageError.self) { try kafka.stop() }
    }

    @Test func `no more records are taken than there is memory for`() throws {
        var limits = BrokerLimits()
        limits.memoryBytes = 100_000
        let kafka = try makeBroker(limits)
        try send(1, to: kafka, bytes: 60_000)
        try send(1, to: kafka, bytes: 60_000)
        #expect(throws: KafkaError.self) { try send(1, to: kafka, bytes: 10, timeout: 1_000) }
        #expect(try kafka.stored(place).count == 2)
        try kafka.broker.eventLoop.submit { [broker = kafka.broker] in
            try broker.value.model.deleteRecords(place, before: 1)
        }.wait()
        try send(1, to: kafka, bytes: 10)
    }
}
