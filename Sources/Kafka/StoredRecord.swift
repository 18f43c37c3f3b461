/// A record held in memory, with its place: what a replay reads from files and a simulated cluster keeps.
public struct StoredRecord: Sendable, Equatable {
    /// Where it stands.
    public var place: TopicPartition
    /// The offset in the topic partition.
    public var offset: Int64
    /// When it was published, in epoch milliseconds.
    public var timestamp: Int64?
    /// The key's bytes, or nil if there is no key.
    public var key: [UInt8]?
    /// The value's bytes, or nil for a tombstone.
    public var value: [UInt8]?
    /// The headers, in order.
    public var headers: [Header]

    /// Describes a record.
    public init(
        place: TopicPartition, offset: Int64, timestamp: Int64? = nil, key: [UInt8]?, value: [UInt8]?,
        headers: [Header] = []
    ) {
        self.place = place
        self.offset = offset
        self.timestamp = timestamp
        self.key = key
        self.value = value
        self.headers = headers
    }

    /// Copies a record out of its batch.
    public init(_ record: borrowing Record) {
        self.init(
            place: TopicPartition(record.topic.name, record.partition), offset: record.offset,
            timestamp: record.timestamp, key: nil, value: nil, headers: record.headers())
        if let bytes = record.key { key = bytes.withUnsafeBytes { Array($0) } }
        if let bytes = record.value { value = bytes.withUnsafeBytes { Array($0) } }
    }
}

/// The name of a topic whose records are held in memory; whoever hands out its records keeps it.
public final class StoredTopic: Sendable {
    /// The topic's name.
    public let name: String

    /// Names a topic.
    public init(_ name: String) {
        self.name = name
    }
}
