/// Records on their way out: their bytes in one arena, in order.
///
/// Kept until the transaction that sends them is committed, so that an aborted one can be sent again.
public struct RecordBuffer: Sendable {
    struct Entry: Sendable {
        var topic: Int32
        var partition: Int32
        var start: Int
        var keyCount: Int32  // -1: no key
        var valueCount: Int32  // -1: no value
        var headers: Int32  // index into `headers`, -1: none
    }

    private(set) var entries: [Entry] = []
    private(set) var arena: [UInt8] = []
    private(set) var headers: [[Header]] = []
    /// The names of the topics written to; their index is what `append` takes.
    public let topics: [String]

    /// An empty buffer for records to `topics`.
    public init(topics: [String]) {
        self.topics = topics
    }

    /// How many records it holds.
    public var count: Int { entries.count }
    /// How many bytes of keys and values it holds.
    public var byteCount: Int { arena.count }
    /// Whether it holds none.
    public var isEmpty: Bool { entries.isEmpty }

    /// Adds a record to topic number `topic`; partition -1 lets the key's hash choose. With `keyPrefix` the key
    /// has that byte before it.
    public mutating func append(
        topic: Int, partition: Int32, keyPrefix: UInt8? = nil, key: RawSpan?, value: RawSpan?,
        headers: [Header] = []
    ) {
        var entry = Entry(
            topic: Int32(topic), partition: partition, start: arena.count, keyCount: -1, valueCount: -1,
            headers: -1)
        if let key {
            if let keyPrefix { arena.append(keyPrefix) }
            append(key)
            entry.keyCount = Int32(arena.count - entry.start)
        }
        if let value {
            entry.valueCount = Int32(value.byteCount)
            append(value)
        }
        if !headers.isEmpty {
            entry.headers = Int32(self.headers.count)
            self.headers.append(headers)
        }
        entries.append(entry)
    }

    /// Hands out every record with the number of its topic, in order, without a copy: for whoever looks at
    /// outputs rather than sending them. `names` are the topics'; offsets count from 0.
    package func forEach<Failure: Error>(
        names: [StoredTopic], timestamp: Int64?,
        _ body: (_ topic: Int, borrowing Record) throws(Failure) -> Void
    ) throws(Failure) {
        for (index, entry) in entries.enumerated() {
            let topic = Int(entry.topic)
            let stored = StoredRecord(
                place: TopicPartition(topics[topic], entry.partition), offset: Int64(index),
                timestamp: timestamp, key: nil, value: nil,
                headers: entry.headers < 0 ? [] : headers[Int(entry.headers)])
            let keyEnd = entry.start + Int(max(0, entry.keyCount))
            let valueEnd = keyEnd + Int(max(0, entry.valueCount))
            try arena.span.withUnsafeBytes { bytes throws(Failure) in
                let record = Record(
                    stored, topic: names[topic],
                    key: entry.keyCount < 0 ? nil : .init(rebasing: bytes[entry.start..<keyEnd]),
                    value: entry.valueCount < 0 ? nil : .init(rebasing: bytes[keyEnd..<valueEnd]))
                try body(topic, record)
            }
        }
    }

    /// Forgets all records and keeps the memory.
    public mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        arena.removeAll(keepingCapacity: true)
        headers.removeAll(keepingCapacity: true)
    }

    private mutating func append(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { arena.append(contentsOf: $0) }
    }
}
