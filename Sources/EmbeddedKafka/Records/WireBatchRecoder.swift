internal import SimulatedKafka

/// Looks into batches where the broker has to: for compaction, for the offset at a time, and for keys.
struct WireBatchRecoder: BatchRecoder {
    /// The most that the records of a batch may unpack to, in bytes.
    var limit: Int

    init(_ limits: BrokerLimits) { limit = limits.decompressedBytes }

    // MARK: Compaction

    /// What compaction asks of each record.
    func records(of batch: EncodedBatch) throws -> [BatchRecord] {
        let unpacked = try UnpackedBatch(batch.bytes, limit: limit)
        var cursor = unpacked.records
        var records: [BatchRecord] = []
        while let record = try cursor.next() {
            records.append(
                BatchRecord(
                    offsetDelta: record.delta, key: unpacked.bytes(record.key),
                    isTombstone: record.value == nil, timestamp: record.timestamp))
        }
        return records
    }

    /// The batch with only the records at these deltas.
    ///
    /// Those stay byte for byte, and so does the header but for what follows from them: the batch takes up the
    /// same offsets, and its producer's sequence numbers stay known. What was compressed is so with gzip, which
    /// every client reads. Without any records it is a header alone, which clients pass over.
    func keeping(_ deltas: Set<Int32>, of batch: EncodedBatch) throws -> EncodedBatch {
        let unpacked = try UnpackedBatch(batch.bytes, limit: limit)
        var records = unpacked.records
        var kept: [UInt8] = []
        var (count, newest) = (0, Int64.min)
        while let record = try records.next() {
            if !deltas.contains(record.delta) { continue }
            kept += unpacked.bytes[record.place]
            count += 1
            newest = max(newest, record.timestamp)
        }
        if count == unpacked.count { return batch }
        let compression: Compression = unpacked.compression == .none || count == 0 ? .none : .gzip
        if compression == .gzip { kept = try Compression.packGzip(kept[...]) }
        var result = batch
        result.bytes = RecordBatch.replacingRecords(
            of: batch.bytes, with: kept, count: count, compression,
            // Without records, or with the time of appending, it is the batch's own.
            maxTimestamp: count == 0 ? batch.maxTimestamp : newest)
        if count > 0 { result.maxTimestamp = newest }
        return result
    }

    // MARK: Times and keys

    /// The first record that is not older than `time`, with its own time; with the time of appending that is the
    /// batch's for all records.
    func offset(at time: Int64, in batch: EncodedBatch) throws -> (delta: Int32, timestamp: Int64)? {
        if batch.maxTimestamp < time { return nil }
        var records = try UnpackedBatch(batch.bytes, limit: limit).records
        while let record = try records.next() {
            if record.timestamp >= time { return (record.delta, record.timestamp) }
        }
        return nil
    }

    /// Whether a record has no key, which a compacted topic refuses.
    func hasRecordWithoutKey(_ batch: EncodedBatch) throws -> Bool {
        var records = try UnpackedBatch(batch.bytes, limit: limit).records
        var isFound = false
        // To the end, so that nothing gets in that compaction could not read.
        while let record = try records.next() { isFound = isFound || record.key == nil }
        return isFound
    }
}

extension RecordBatch {
    /// A field of a batch's header.
    static func field<Number: FixedWidthInteger>(_ place: Int, of batch: [UInt8]) -> Number {
        batch[place..<place + MemoryLayout<Number>.size].reduce(0) {
            $0 << 8 | Number(truncatingIfNeeded: $1)
        }
    }

    private static func set(_ value: some FixedWidthInteger, at place: Int, of batch: inout [UInt8]) {
        for i in 0..<value.bitWidth / 8 {
            batch[place + i] = UInt8(truncatingIfNeeded: value >> (value.bitWidth - 8 * (i + 1)))
        }
    }

    /// The batch with other records in the place of its own.
    static func replacingRecords(
        of batch: [UInt8], with records: [UInt8], count: Int, _ compression: Compression, maxTimestamp: Int64
    ) -> [UInt8] {
        var result = Array(batch.prefix(headerSize)) + records
        let attributes: Int16 = field(Place.attributes, of: batch)
        set(Int32(clamping: result.count - Place.leaderEpoch), at: Place.length, of: &result)
        set(attributes & ~Attributes.compression | compression.rawValue, at: Place.attributes, of: &result)
        set(maxTimestamp, at: Place.maxTimestamp, of: &result)
        set(Int32(clamping: count), at: Place.count, of: &result)
        set(CRC32C.checksum(of: result[Place.attributes...]), at: Place.checksum, of: &result)
        return result
    }
}
