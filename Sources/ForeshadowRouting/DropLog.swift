internal import Contracts
internal import Kafka
internal import Logging

/// Says which records were dropped because the cluster would never take them: at once for each topic and reason, then by
/// the minute how many more there were. Keys name customers, so only their hashes are told.
struct DropLog: ~Copyable {
    private struct Kind: Hashable {
        var topic: String
        var error: String
    }

    private let logger: Logger
    private var told: [Kind: (next: ContinuousClock.Instant, since: Int)] = [:]

    private static let pause = Duration.seconds(60)

    init(_ logger: Logger) { self.logger = logger }

    /// Tells of a record that was dropped at `now`, or counts it.
    mutating func note(
        topic: String, key: [UInt8], bytes: Int, _ error: KafkaError, now: ContinuousClock.Instant
    ) {
        let kind = Kind(topic: topic, error: error.name)
        if let (next, since) = told[kind], now < next {
            told[kind] = (next, since + 1)
            return
        }
        let more = told[kind]?.since ?? 0
        told[kind] = (now + Self.pause, 0)
        let hash = String(ByteHash.hash(key.span.bytes), radix: 16)
        logger.error(
            """
            a record to '\(topic)' is dropped: \(error). \(Self.advice(error)). Key hash \(hash), \(bytes) bytes; \
            \(more) more were dropped since this was said last
            """)
    }

    private static func advice(_ error: KafkaError) -> String {
        switch error.name {
        case "MSG_SIZE_TOO_LARGE", "RECORD_LIST_TOO_LARGE":
            "Raise max.message.bytes of the topic, or keep such records smaller"
        case "UNKNOWN_TOPIC_OR_PART", "_UNKNOWN_TOPIC", "_UNKNOWN_PARTITION":
            "'foreshadow topics apply' creates the topic"
        case "TOPIC_AUTHORIZATION_FAILED": "Give this client the right to write to the topic"
        default: "Compare the topic's settings with topics/"
        }
    }
}
