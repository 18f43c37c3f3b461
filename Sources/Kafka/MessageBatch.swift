internal import CRdkafka

/// Records as librdkafka handed them over, without a copy; given back when the value ends.
public struct MessageBatch: ~Copyable {
    let messages: UnsafeMutableBufferPointer<UnsafeMutablePointer<rd_kafka_message_t>?>

    /// How many there are, errors and ends of topic partitions among them.
    public let count: Int

    init(capacity: Int, fill: (UnsafeMutablePointer<UnsafeMutablePointer<rd_kafka_message_t>?>, Int) -> Int) {
        messages = .allocate(capacity: max(1, capacity))
        messages.initialize(repeating: nil)
        count = messages.baseAddress.map { max(0, fill($0, capacity)) } ?? 0
    }

    deinit {
        for i in 0..<count { rd_kafka_message_destroy(messages[i]) }
        messages.deallocate()
    }

    /// What is at `index` if it is no record; nil if it is one.
    public func event(at index: Int) -> BatchEvent? {
        guard let message = messages[index], message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR else {
            return nil
        }
        return BatchEvent(message)
    }

    /// The record at `index`, which must be one: `event(at:)` says so.
    @_lifetime(borrow self)
    public func record(at index: Int) -> Record {
        guard let message = messages[index] else { preconditionFailure("no record at \(index)") }
        return unsafe _overrideLifetime(Record(message), borrowing: self)
    }
}

/// What comes in a batch beside records.
public enum BatchEvent: Sendable, Equatable {
    /// Nothing more is in this topic partition for now; the next record will have this offset.
    case end(TopicPartition, next: Int64)
    /// An error of the consumer.
    case failure(KafkaError)

    init(_ message: UnsafePointer<rd_kafka_message_t>) {
        let topic = message.pointee.rkt.map { String(cString: rd_kafka_topic_name($0)) } ?? ""
        let place = TopicPartition(topic, message.pointee.partition)
        if message.pointee.err == RD_KAFKA_RESP_ERR__PARTITION_EOF {
            self = .end(place, next: message.pointee.offset)
        } else {
            let text = rd_kafka_message_errstr(message).map { String(cString: $0) } ?? ""
            self = .failure(KafkaError(message.pointee.err, doing: "consuming \(place): \(text)"))
        }
    }
}
