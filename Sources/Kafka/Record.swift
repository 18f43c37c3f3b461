internal import CRdkafka

/// A topic as a consumer's records name it: compared without looking at text.
public struct TopicHandle: Sendable, Hashable {
    private let bits: UInt
    private let isStored: Bool

    init(_ native: OpaquePointer?) {
        bits = UInt(bitPattern: native)
        isStored = false
    }

    init(_ topic: StoredTopic) {
        bits = UInt(bitPattern: Unmanaged.passUnretained(topic).toOpaque())
        isStored = true
    }

    /// The topic's name. Only valid while whoever gave the handle lives.
    public var name: String {
        if isStored {
            guard let topic = UnsafeRawPointer(bitPattern: bits) else { return "" }
            return Unmanaged<StoredTopic>.fromOpaque(topic).takeUnretainedValue().name
        }
        guard let topic = OpaquePointer(bitPattern: bits) else { return "" }
        return String(cString: rd_kafka_topic_name(topic))
    }
}

/// A view of one record in a `MessageBatch`. It cannot outlive the batch: the compiler refuses.
public struct Record: ~Copyable, ~Escapable {
    /// What only some ask for stays where it is.
    private enum Source {
        case native(UnsafePointer<rd_kafka_message_t>)
        case stored(timestamp: Int64?, headers: [Header])
    }

    /// The topic.
    public let topic: TopicHandle
    /// The number of the topic partition.
    public let partition: Int32
    /// The place in the topic partition.
    public let offset: Int64
    private let keyBytes: UnsafeRawBufferPointer?
    private let valueBytes: UnsafeRawBufferPointer?
    private let source: Source

    @_lifetime(borrow message)
    init(_ message: UnsafePointer<rd_kafka_message_t>) {
        topic = TopicHandle(message.pointee.rkt)
        partition = message.pointee.partition
        offset = message.pointee.offset
        keyBytes = message.pointee.key.map { .init(start: $0, count: message.pointee.key_len) }
        valueBytes = message.pointee.payload.map { .init(start: $0, count: message.pointee.len) }
        source = .native(message)
    }

    /// The bytes must live as long as what the record borrows.
    @_lifetime(borrow stored)
    init(
        _ stored: borrowing StoredRecord, topic: StoredTopic, key: UnsafeRawBufferPointer?,
        value: UnsafeRawBufferPointer?
    ) {
        self.topic = TopicHandle(topic)
        partition = stored.place.partition
        offset = stored.offset
        keyBytes = key
        valueBytes = value
        source = .stored(timestamp: stored.timestamp, headers: stored.headers)
    }

    /// When the record was published (or appended, by the topic's setting), in epoch milliseconds.
    public var timestamp: Int64? {
        switch source {
        case .native(let message):
            var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
            let time = rd_kafka_message_timestamp(message, &kind)
            return kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? nil : time
        case .stored(let timestamp, _):
            return timestamp
        }
    }

    /// The key's bytes, or nil if there is no key.
    public var key: RawSpan? {
        @_lifetime(copy self)
        get { span(keyBytes) }
    }

    /// The value's bytes, or nil for a tombstone.
    public var value: RawSpan? {
        @_lifetime(copy self)
        get { span(valueBytes) }
    }

    /// Whether the record has headers; asking is cheap, reading them is not.
    public var hasHeaders: Bool {
        switch source {
        case .native(let message):
            var headers: OpaquePointer?
            return rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR
        case .stored(_, let headers):
            return !headers.isEmpty
        }
    }

    /// The headers, in order, copied.
    public func headers() -> [Header] {
        switch source {
        case .native(let message): Self.headers(of: message)
        case .stored(_, let headers): headers
        }
    }

    private static func headers(of message: UnsafePointer<rd_kafka_message_t>) -> [Header] {
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
    private func span(_ bytes: UnsafeRawBufferPointer?) -> RawSpan? {
        guard let bytes else { return nil }
        return unsafe _overrideLifetime(RawSpan(_unsafeBytes: bytes), copying: self)
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
