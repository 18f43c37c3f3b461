internal import Kafka
internal import NIOCore
internal import SimulatedKafka

/// Batches that the broker makes itself.
extension RecordBatch {
    /// A record of its own batch.
    static func encode(_ record: StoredRecord, _ entry: LogEntry) -> [UInt8] {
        batch(
            [encode(record, delta: 0)], count: 1, time: record.timestamp ?? -1, producer: entry.producer,
            attributes: entry.isTransactional ? Attributes.transactional : 0, sequence: entry.sequence)
    }

    /// What was appended at once, as one batch at its place in the log; the producer's sequence numbers stay known
    /// by their batches. There is an entry at least.
    static func stored(_ entries: [LogEntry]) -> Stored {
        let first = entries[0]
        if entries.count == 1 { return stored(first) }
        let records = entries.compactMap { if case .record(let record) = $0.content { record } else { nil } }
        let (base, newest) = (first.timestamp, entries.map(\.timestamp).max() ?? -1)
        let encoded = records.enumerated().map { delta, record in
            encode(record, delta: delta, timeDelta: (record.timestamp ?? base) - base)
        }
        return Stored(
            offset: first.offset,
            bytes: batch(
                encoded, count: records.count, time: base, maxTime: newest, producer: first.producer,
                attributes: first.isTransactional ? Attributes.transactional : 0, sequence: first.sequence))
    }

    /// The end of a transaction.
    static func marker(_ isCommit: Bool, _ entry: LogEntry) -> [UInt8] {
        // Version 0 of both: the kind of marker as key, the coordinator's epoch as value.
        let record = StoredRecord(
            place: TopicPartition("", 0), offset: entry.offset, key: [0, 0, 0, isCommit ? 1 : 0],
            value: [0, 0, 0, 0, 0, 0])
        return batch(
            [encode(record, delta: 0)], count: 1, time: entry.timestamp, producer: entry.producer,
            attributes: Attributes.transactional | Attributes.control)
    }

    /// One record, in the format inside of batches.
    static func encode(_ record: StoredRecord, delta: Int, timeDelta: Int64 = 0) -> [UInt8] {
        var body: [UInt8] = [0]
        body.append(varint: timeDelta)
        body.append(varint: Int64(delta))
        body.append(field: record.key)
        body.append(field: record.value)
        body.append(varint: Int64(record.headers.count))
        for header in record.headers {
            body.append(field: Array(header.name.utf8))
            body.append(field: header.value)
        }
        var result: [UInt8] = []
        result.append(varint: Int64(body.count))
        return result + body
    }

    /// A batch of records that are encoded already; their deltas end at `count - 1`.
    static func batch(
        _ records: [[UInt8]], count: Int, time: Int64, maxTime: Int64? = nil, producer: ProducerIdentity?,
        attributes: Int16, sequence: Int32 = -1
    ) -> [UInt8] {
        let size = headerSize + records.reduce(0) { $0 + $1.count }
        var buffer = ByteBuffer()
        buffer.reserveCapacity(size)
        buffer.writeInteger(0 as Int64)
        buffer.writeInteger(Int32(clamping: size - Place.leaderEpoch))
        buffer.writeInteger(Broker.leaderEpoch)
        buffer.writeInteger(2 as Int8)
        buffer.writeInteger(0 as UInt32)
        buffer.writeInteger(attributes)
        buffer.writeInteger(Int32(clamping: count - 1))
        buffer.writeInteger(time)
        buffer.writeInteger(maxTime ?? time)
        buffer.writeInteger(producer?.id ?? -1)
        buffer.writeInteger(producer?.epoch ?? -1)
        buffer.writeInteger(sequence)
        buffer.writeInteger(Int32(clamping: records.count))
        for record in records { buffer.writeBytes(record) }
        let checksum = CRC32C.checksum(of: buffer.readableBytesView.dropFirst(Place.attributes))
        buffer.setInteger(checksum, at: Place.checksum)
        return Array(buffer.readableBytesView)
    }
}

extension [UInt8] {
    /// A number in as few bytes as it takes, signs interleaved (zigzag).
    fileprivate mutating func append(varint value: Int64) {
        var rest = UInt64(bitPattern: (value << 1) ^ (value >> 63))
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Bytes after their length; -1 for none.
    fileprivate mutating func append(field value: [UInt8]?) {
        append(varint: Int64(value?.count ?? -1))
        append(contentsOf: value ?? [])
    }
}
