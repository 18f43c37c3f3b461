import Kafka
import Logging
import NIOCore
import SimulatedKafka
import Testing

@testable import EmbeddedKafka

let topic = "things"
let place = TopicPartition(topic, 0)

/// A logger that keeps quiet: most tests here are about what brokers complain of.
var quiet: Logger {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}

/// A broker with one topic of two topic partitions.
func makeBroker(_ limits: BrokerLimits = BrokerLimits()) throws -> EmbeddedKafka {
    let kafka = try EmbeddedKafka(limits: limits, logger: quiet)
    try kafka.createTopic(topic, topicPartitions: 2)
    return kafka
}

extension EmbeddedKafka {
    func publish(_ buffer: RecordBuffer, _ settings: [String: String]) throws {
        let producer = try Producer(
            ClientConfiguration(brokers: brokers)
                .setting(["enable.idempotence": "false", "linger.ms": "1000"]).setting(settings),
            logger: quiet)
        try producer.send(buffer)
        try producer.flush()
        producer.close()
    }

    /// The batches in a topic partition's log, as they came.
    func stored(_ place: TopicPartition) throws -> [EncodedBatch] {
        try broker.eventLoop.submit { [broker] in
            try broker.value.model.fetch(place, from: 0, readsCommitted: false).entries.compactMap {
                if case .batch(let batch) = $0.content { batch } else { nil }
            }
        }.wait()
    }

    /// Puts a batch into the log past the checks of Produce.
    func store(_ batch: EncodedBatch, at place: TopicPartition) throws {
        try broker.eventLoop.submit { [broker] in
            _ = try broker.value.model.produce(batch, to: place)
        }.wait()
    }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

func makeRecord(
    _ key: String?, _ value: String?, at time: Int64 = 0, headers: [Header] = []
) -> StoredRecord {
    StoredRecord(
        place: place, offset: 0, timestamp: time, key: key.map(bytes), value: value.map(bytes),
        headers: headers)
}

/// A batch of a producer in a transaction, whose base time is 1000; the records' times count from there.
func makeBatch(_ records: [StoredRecord], _ compression: Compression = .none, attributes: Int16 = 0) throws
    -> EncodedBatch
{
    let newest = 1_000 + (records.compactMap(\.timestamp).max() ?? 0)
    let encoded = records.enumerated().map { delta, record in
        RecordBatch.encode(record, delta: delta, timeDelta: record.timestamp ?? 0)
    }
    let plain = RecordBatch.batch(
        encoded, count: records.count, time: 1_000, maxTime: newest,
        producer: ProducerIdentity(id: 7, epoch: 3),
        attributes: RecordBatch.Attributes.transactional | attributes, sequence: 40)
    var buffer = ByteBuffer(
        bytes: RecordBatch.replacingRecords(
            of: plain, with: try compression.pack(encoded.flatMap { $0 }), count: records.count, compression,
            maxTimestamp: newest))
    return try RecordBatch.read(&buffer, now: nil)
}

extension EncodedBatch {
    /// The batch with other bytes where its records are; they need not be any.
    func replacing(_ records: [UInt8], count: Int? = nil, _ compression: Compression) -> EncodedBatch {
        var result = self
        result.bytes = RecordBatch.replacingRecords(
            of: bytes, with: records, count: count ?? self.count, compression, maxTimestamp: maxTimestamp)
        return result
    }

    var isChecksumRight: Bool {
        CRC32C.checksum(of: bytes[RecordBatch.Place.attributes...])
            == RecordBatch.field(RecordBatch.Place.checksum, of: bytes) as UInt32
    }

    /// Its records, read to the end.
    func records(limit: Int = 1 << 20) throws -> [StoredRecord] {
        let unpacked = try UnpackedBatch(bytes, limit: limit)
        var cursor = unpacked.records
        var result: [StoredRecord] = []
        while let record = try cursor.next() {
            result.append(
                StoredRecord(
                    place: place, offset: Int64(record.delta), timestamp: record.timestamp,
                    key: unpacked.bytes(record.key), value: unpacked.bytes(record.value),
                    headers: try unpacked.headers(of: record)))
        }
        return result
    }
}

/// What a batch is refused for.
func refusal(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch let error as BatchError {
        return "\(error.code): \(error.reason ?? "")"
    } catch { return "another error: \(error)" }
}

/// SplitMix64.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension [UInt8] {
    /// Damaged a little: bytes changed, left out, put in, or the end cut off.
    func mutated(_ random: inout Seeded) -> [UInt8] {
        var result = self
        for _ in 0..<Int.random(in: 1...6, using: &random) where !result.isEmpty {
            let at = Int.random(in: 0..<result.count, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0: result.removeLast(result.count - at)
            case 1: result.remove(at: at)
            case 2: result.insert(.random(in: .min ... .max, using: &random), at: at)
            case 3: result[at] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0
            case 4: result[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            default: result[at] = .random(in: .min ... .max, using: &random)
            }
        }
        return result
    }
}
