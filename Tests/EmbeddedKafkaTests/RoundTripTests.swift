import Kafka
import SimulatedKafka
import Testing

@testable import EmbeddedKafka

/// What librdkafka writes is what is read from its batches, and the other way round.
@Suite struct RoundTripTests {
    static let codecs: [Compression] = [.none, .gzip, .snappy, .lz4, .zstd]

    /// Keys, tombstones, empty values, headers, and values that are longer than a codec's block.
    static let records: [StoredRecord] = (0..<200).map { i in
        switch i % 5 {
        case 0: makeRecord("key \(i)", nil)
        case 1: makeRecord(nil, "value \(i)")
        case 2: makeRecord("", "", headers: [Header("why", "because"), Header(name: "nil", value: nil)])
        case 3: makeRecord("key \(i % 7)", String(repeating: "ß\(i)", count: 100), headers: [Header("", "")])
        default: makeRecord("k", i == 4 ? String(repeating: "0123456789abc", count: 20_000) : "v")
        }
    }

    static var buffer: RecordBuffer {
        var buffer = RecordBuffer(topics: [topic])
        for record in records {
            buffer.append(
                topic: 0, partition: 0, key: record.key?.span.bytes, value: record.value?.span.bytes,
                headers: record.headers)
        }
        return buffer
    }

    @Test(arguments: codecs) func `records of a real producer`(_ codec: Compression) async throws {
        let kafka = try makeBroker()
        try await DedicatedThread.run(named: "test") {
            try kafka.publish(Self.buffer, ["compression.codec": "\(codec)"])
        }
        let batches = try kafka.stored(place)
        let used = try batches.map { try UnpackedBatch($0.bytes, limit: 1 << 20).compression }
        // librdkafka takes only brokers that answer FindCoordinator (10) for new enough to know LZ4.
        if codec != .lz4 || RequestKinds.byKey[10] != nil { #expect(used.contains(codec)) }
        let got = try batches.flatMap { try $0.records() }
        #expect(got.count == Self.records.count)
        for (got, sent) in zip(got, Self.records) {
            #expect(got.key == sent.key && got.value == sent.value && got.headers == sent.headers)
        }
        for batch in batches {
            let records = try batch.records()
            #expect(records.map(\.offset) == Array(0..<Int64(batch.count)))
            #expect(records.compactMap(\.timestamp).max() == batch.maxTimestamp)
        }
    }

    @Test(arguments: codecs) func `a real consumer reads what is left of a batch`(_ codec: Compression)
        async throws
    {
        let kafka = try makeBroker()
        let other = TopicPartition(topic, 1)
        let got = try await DedicatedThread.run(named: "test") {
            try kafka.publish(Self.buffer, ["compression.codec": "\(codec)"])
            for batch in try kafka.stored(place) {
                let odd = Set((0..<Int32(batch.count)).filter { $0 % 2 == 1 })
                try kafka.store(WireBatchRecoder(BrokerLimits()).keeping(odd, of: batch), at: other)
            }
            // One that is empty is passed over.
            let batch = try makeBatch([makeRecord("gone", "gone")])
            var empty = try WireBatchRecoder(BrokerLimits()).keeping([], of: batch)
            empty.producer = nil
            empty.isTransactional = false
            try kafka.store(empty, at: other)
            try kafka.store(makePlain("last"), at: other)
            return try kafka.consume(other, from: 0, until: "last")
        }
        let sent = Self.records.enumerated().filter { $0.offset % 2 == 1 }
        #expect(got.count == sent.count + 1)
        for (got, sent) in zip(got, sent) {
            #expect(got.offset == Int64(sent.offset))
            #expect(got.key == sent.element.key && got.value == sent.element.value)
            #expect(got.headers == sent.element.headers)
        }
        #expect(got.last?.offset == 201)
    }

    private func makePlain(_ value: String) -> EncodedBatch {
        let bytes = RecordBatch.batch(
            [RecordBatch.encode(makeRecord("k", value), delta: 0)], count: 1, time: 0, producer: nil,
            attributes: 0)
        return EncodedBatch(
            bytes: bytes, count: 1, producer: nil, sequence: -1, isTransactional: false, maxTimestamp: 0)
    }
}

extension EmbeddedKafka {
    /// Reads with librdkafka, checksums checked, until a value comes; a minute at most.
    func consume(_ place: TopicPartition, from offset: Int64, until last: String) throws -> [StoredRecord] {
        let consumer = try Consumer(
            ClientConfiguration(brokers: brokers)
                .setting(["group.id": "tests", "check.crcs": "true", "fetch.wait.max.ms": "10"]),
            logger: quiet)
        defer { consumer.close() }
        try consumer.assign([place: offset])
        var got: [StoredRecord] = []
        let end = ContinuousClock.now + .seconds(60)
        while got.last?.value != bytes(last), ContinuousClock.now < end {
            let batch = consumer.poll(maximum: 100, timeoutMilliseconds: 50)
            for i in 0..<batch.count where batch.event(at: i) == nil {
                got.append(StoredRecord(batch.record(at: i)))
            }
        }
        return got
    }
}
