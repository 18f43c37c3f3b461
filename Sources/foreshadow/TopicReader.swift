import Foundation
import Kafka
import Logging

/// Reads all topic partitions of a topic outside of any group, for people and checks.
final class TopicReader {
    enum Start { case beginning, end }

    /// A record, copied.
    struct Copy {
        var partition: Int32
        var offset: Int64
        var timestamp: Int64
        var key: [UInt8]?
        var value: [UInt8]?
        var headers: [Header]
    }

    private let consumer: Consumer
    private var open: Set<Int32>
    /// How many topic partitions the topic has.
    let topicPartitions: Int32

    init(_ client: ClientConfiguration, topic: String, from: Start, logger: Logger) throws {
        let topics = try Admin(client, logger: logger).topics()
        guard let description = topics.first(where: { $0.name == topic }) else {
            throw CommandFailure.input(
                "topic '\(topic)' does not exist; the cluster has: "
                    + topics.map(\.name).joined(separator: ", "))
        }
        consumer = try Consumer(
            client.defaulting(["fetch.wait.max.ms": "50"]).setting(["group.id": "foreshadow-reader"]),
            logger: logger)
        topicPartitions = description.topicPartitions
        open = Set(0..<description.topicPartitions)
        // librdkafka's logical offsets: -2 is the beginning, -1 the end.
        let start: Int64 = from == .beginning ? -2 : -1
        try consumer.assign(
            Dictionary(uniqueKeysWithValues: open.map { (TopicPartition(topic, $0), start) }))
    }

    /// Hands over what is there; false once the end of every topic partition has been seen.
    func poll(_ body: (Copy) throws -> Void) throws -> Bool {
        let batch = consumer.poll(maximum: 1_000, timeoutMilliseconds: 200)
        for i in 0..<batch.count {
            switch batch.event(at: i) {
            case nil: try body(Copy(batch.record(at: i)))
            case .end(let place, _): open.remove(place.partition)
            case .failure(let error): if error.isFatal || error.remedy == .fix { throw error }
            }
        }
        return !open.isEmpty
    }
}

extension TopicReader.Copy {
    init(_ record: borrowing Record) {
        partition = record.partition
        offset = record.offset
        timestamp = record.timestamp ?? -1
        key = Self.bytes(record.key)
        value = Self.bytes(record.value)
        headers = record.headers()
    }

    private static func bytes(_ span: RawSpan?) -> [UInt8]? {
        guard let span else { return nil }
        return span.withUnsafeBytes { Array($0) }
    }

    /// A line for people. Control characters do not reach the terminal.
    var line: String {
        let key = key.map { Self.printable($0) } ?? "(no key)"
        let value = value.map { Self.printable($0) } ?? "(no value)"
        let headers = headers.map { "\($0.name)=\($0.value.map { Self.printable($0) } ?? "")" }
        return (["[\(partition)]", "\(offset)", key, value] + headers).joined(separator: "  ")
    }

    /// An object for programs. Values that are no JSON come as strings.
    var json: String {
        let value = value.flatMap {
            try? JSONSerialization.jsonObject(with: Data($0), options: .fragmentsAllowed)
        }
        let text: Any = self.value.map { String(decoding: $0, as: UTF8.self) } ?? NSNull()
        let object: [String: Any] = [
            "topicPartition": partition, "offset": offset, "timestamp": timestamp,
            "key": key.map { String(decoding: $0, as: UTF8.self) } ?? NSNull(),
            "value": value ?? text,
            "headers": headers.map { [$0.name, $0.value.map { String(decoding: $0, as: UTF8.self) } ?? ""] },
        ]
        let data = try? JSONSerialization.data(
            withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
        return data.map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    private static func printable(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.map { $0 < 0x20 || $0 == 0x7F ? 0x2E : $0 }, as: UTF8.self)
    }
}
