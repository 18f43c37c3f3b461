internal import CRdkafka

/// A topic as a consumer's records name it: compared without looking at text.
public struct TopicHandle: Sendable, Hashable {
    let bits: UInt

    /// The topic's name. Only valid while the consumer that gave the handle lives.
    public var name: String {
        guard let topic = OpaquePointer(bitPattern: bits) else { return "" }
        return String(cString: rd_kafka_topic_name(topic))
    }
}

/// A view of one record in a `MessageBatch`. It cannot outlive the batch: the compiler refuses.
public struct Record: ~Copyable, ~Escapable {
    private let message: UnsafePointer<rd_kafka_message_t>

    @_lifetime(borrow message)
    init(_ message: UnsafePointer<rd_kafka_message_t>) {
        self.message = message
    }

    /// The topic.
    public var topic: TopicHandle { TopicHandle(bits: UInt(bitPattern: message.pointee.rkt)) }
    /// The number of the topic partition.
    public var partition: Int32 { message.pointee.partition }
    /// The place in the topic partition.
    public var offset: Int64 { message.pointee.offset }

    /// When the record was published (or appended, by the topic's setting), in epoch milliseconds.
    public var timestamp: Int64? {
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let time = rd_kafka_message_timestamp(message, &kind)
        return kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? nil : time
    }

    /// The key's bytes, or nil if there is no key.
    public var key: RawSpan? {
        @_lifetime(copy self)
        get { span(message.pointee.key.map { UnsafeRawPointer($0) }, message.pointee.key_len) }
    }

    /// The value's bytes, or nil for a tombstone.
    public var value: RawSpan? {
        @_lifetime(copy self)
        get { span(message.pointee.payload.map { UnsafeRawPointer($0) }, message.pointee.len) }
    }

    /// Whether the record has headers; asking is cheap, reading them is not.
    public var hasHeaders: Bool {
        var headers: OpaquePointer?
        return rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR
    }

    /// The headers, in order, copied.
    public func headers() -> [Header] {
        var native: OpaquePointer?
        guard rd_kafka_message_headers(message, &native) == RD_KAFKA_RESP_ERR_NO_ERROR, let native else {
            return []
        }
        var result: [Header] = []
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var length = 0
        while rd_kafka_header_get_all(native, result.count, &name, &value, &length)
            == RD_KAFKA_RESP_ERR_NO_ERROR
        {
            let bytes = value.map { Array(UnsafeRawBufferPointer(start: $0, count: length)) }
            result.append(Header(name: name.map { String(cString: $0) } ?? "", value: bytes))
        }
        return result
    }

    @_lifetime(copy self)
    private func span(_ start: UnsafeRawPointer?, _ count: Int) -> RawSpan? {
        guard let start else { return nil }
        let span = RawSpan(_unsafeStart: start, byteCount: count)
        return unsafe _overrideLifetime(span, copying: self)
    }
}

/// A header of a record.
public struct Header: Sendable, Equatable {
    /// The name; names may repeat.
    public var name: String
    /// The value's bytes, or nil.
    public var value: [UInt8]?

    /// Makes a header.
    public init(name: String, value: [UInt8]?) {
        self.name = name
        self.value = value
    }

    /// Makes a header with text.
    public init(_ name: String, _ text: String) {
        self.init(name: name, value: Array(text.utf8))
    }
}
