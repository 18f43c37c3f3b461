internal import CRdkafka

/// Records as a consumer got them, without a copy; given back when the value ends.
public struct MessageBatch: ~Copyable {
    private enum Messages {
        /// librdkafka's; destroyed with the batch.
        case native(UnsafeMutableBufferPointer<UnsafeMutablePointer<rd_kafka_message_t>?>)
        /// Held in memory, with the topics of the records among them.
        case stored([BatchItem], topics: [StoredTopic])
    }

    private let messages: Messages

    /// How many there are, errors and ends of topic partitions among them.
    public let count: Int

    init(capacity: Int, fill: (UnsafeMutablePointer<UnsafeMutablePointer<rd_kafka_message_t>?>, Int) -> Int) {
        let native = UnsafeMutableBufferPointer<UnsafeMutablePointer<rd_kafka_message_t>?>.allocate(
            capacity: max(1, capacity))
        native.initialize(repeating: nil)
        count = native.baseAddress.map { max(0, fill($0, capacity)) } ?? 0
        messages = .native(native)
    }

    /// A batch of what is held in memory. `topics` names the records' topics; each must be among them.
    public init(_ items: [BatchItem], topics: [StoredTopic]) {
        messages = .stored(items, topics: topics)
        count = items.count
    }

    deinit {
        guard case .native(let native) = messages else { return }
        for i in 0..<count { rd_kafka_message_destroy(native[i]) }
        native.deallocate()
    }

    /// What is at `index` if it is no record; nil if it is one.
    public func event(at index: Int) -> BatchEvent? {
        switch messages {
        case .native(let native):
            guard let message = native[index], message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR else {
                return nil
            }
            return BatchEvent(message)
        case .stored(let items, _):
            guard case .event(let event) = items[index] else { return nil }
            return event
        }
    }

    /// The record at `index`, which must be one: `event(at:)` says so.
    @_lifetime(borrow self)
    public func record(at index: Int) -> Record {
        switch messages {
        case .native(let native):
            guard let message = native[index] else { preconditionFailure("no record at \(index)") }
            return unsafe _overrideLifetime(Record(message), borrowing: self)
        case .stored(let items, let topics):
            guard case .record(let stored) = items[index],
                let topic = topics.first(where: { $0.name == stored.place.topic })
            else { preconditionFailure("no record of a known topic at \(index)") }
            // The arrays are not written to while the batch holds them, so their bytes stay where they are.
            let record = Record(
                stored, topic: topic, key: stored.key.map { $0.withUnsafeBytes { $0 } },
                value: stored.value.map { $0.withUnsafeBytes { $0 } })
            return unsafe _overrideLifetime(record, borrowing: self)
        }
    }
}

/// One thing in a batch that is held in memory.
public enum BatchItem: Sendable, Equatable {
    /// A record.
    case record(StoredRecord)
    /// Something else.
    case event(BatchEvent)
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
