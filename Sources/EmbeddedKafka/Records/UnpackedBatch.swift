internal import Kafka
internal import SimulatedKafka

/// A batch whose records can be read.
struct UnpackedBatch {
    let compression: Compression
    /// Whether the time of appending counts for every record.
    let hasAppendTime: Bool
    /// How many records there are; fewer than offsets after compaction.
    let count: Int
    let lastDelta: Int32
    let baseTimestamp: Int64
    let maxTimestamp: Int64
    /// The records, one after another, begin at `start`.
    let bytes: [UInt8]
    let start: Int

    /// Unpacks a batch that passed `RecordBatch.read`; its checksum is not looked at again.
    init(_ batch: [UInt8], limit: Int) throws(BatchError) {
        guard batch.count >= RecordBatch.headerSize else {
            throw BatchError(
                .corruptMessage, "a batch of \(batch.count) bytes is less than its header")
        }
        let length: Int32 = RecordBatch.field(RecordBatch.Place.length, of: batch)
        guard Int(length) == batch.count - RecordBatch.Place.leaderEpoch else {
            throw BatchError(
                .corruptMessage, "a batch of \(batch.count) bytes that says that \(length) follow its length")
        }
        let attributes: Int16 = RecordBatch.field(RecordBatch.Place.attributes, of: batch)
        let codec = attributes & RecordBatch.Attributes.compression
        guard let compression = Compression(rawValue: codec) else {
            throw BatchError(.invalidRecord, "there is no compression \(codec)")
        }
        let count: Int32 = RecordBatch.field(RecordBatch.Place.count, of: batch)
        guard count >= 0 else { throw BatchError(.invalidRecord, "a batch of \(count) records") }
        self.compression = compression
        self.count = Int(count)
        hasAppendTime = attributes & RecordBatch.Attributes.logAppendTime != 0
        lastDelta = RecordBatch.field(RecordBatch.Place.lastOffsetDelta, of: batch)
        baseTimestamp = RecordBatch.field(RecordBatch.Place.baseTimestamp, of: batch)
        maxTimestamp = RecordBatch.field(RecordBatch.Place.maxTimestamp, of: batch)
        if compression == .none {
            (bytes, start) = (batch, RecordBatch.headerSize)
        } else {
            (bytes, start) = (try compression.unpack(batch[RecordBatch.headerSize...], limit: limit), 0)
        }
    }

    /// The records, from the first on.
    var records: RecordCursor { RecordCursor(self) }

    /// What a record says of its key, value or a header.
    func bytes(_ place: Range<Int>?) -> [UInt8]? { place.map { Array(bytes[$0]) } }

    /// The headers of one of its records.
    func headers(of record: UnpackedRecord) throws(BatchError) -> [Header] {
        var reader = FieldReader(bytes, record.headers)
        var headers: [Header] = []
        for _ in 0..<record.headerCount {
            let name = try reader.headerName()
            let value = try reader.bytes("the value of a header")
            headers.append(
                Header(name: String(decoding: bytes[name], as: UTF8.self), value: self.bytes(value)))
        }
        return headers
    }
}

/// One record of a batch: numbers, and where in the unpacked bytes the rest is.
struct UnpackedRecord {
    /// Its offset, counted from the batch's.
    var delta: Int32
    /// Epoch milliseconds; -1 if it has none.
    var timestamp: Int64
    var key: Range<Int>?
    /// None for a tombstone.
    var value: Range<Int>?
    var headerCount: Int
    var headers: Range<Int>
    /// All of it, with the length in front.
    var place: Range<Int>
}

/// Goes through the records of a batch and checks them on the way. It holds one at a time, so that a batch of
/// many tiny ones takes no more memory than its bytes.
struct RecordCursor {
    private let batch: UnpackedBatch
    private var at: Int
    private var taken = 0
    private var previous: Int32 = -1

    init(_ batch: UnpackedBatch) {
        self.batch = batch
        at = batch.start
    }

    /// The next record; nil after the last. What is wrong with one is said with its number, from 0 on.
    mutating func next() throws(BatchError) -> UnpackedRecord? {
        let rest = batch.bytes.count - at
        if taken == batch.count {
            if rest > 0 { throw BatchError(.invalidRecord, "\(rest) bytes after the last record") }
            return nil
        }
        if rest == 0 {
            throw BatchError(.invalidRecord, "\(batch.count) records, of which \(taken) are there")
        }
        do throws(BatchError) {
            let record = try read()
            taken += 1
            previous = record.delta
            at = record.place.upperBound
            return record
        } catch {
            throw BatchError(error.code, "record \(taken): \(error.reason ?? "unreadable")")
        }
    }

    private func read() throws(BatchError) -> UnpackedRecord {
        var reader = FieldReader(batch.bytes, at..<batch.bytes.count)
        try reader.narrow()
        try reader.skipByte("its attributes")
        let (timestamp, isOver) = batch.baseTimestamp.addingReportingOverflow(try reader.varlong("its time"))
        if isOver { throw BatchError(.invalidRecord, "its time is beyond all times") }
        let delta = try reader.varint("its offset")
        guard previous < delta, delta <= batch.lastDelta else {
            throw BatchError(
                .invalidRecord, "offset \(delta) after \(previous), in a batch up to \(batch.lastDelta)")
        }
        let key = try reader.bytes("its key")
        let value = try reader.bytes("its value")
        let headerCount = Int(try reader.varint("its count of headers"))
        let headers = reader.rest
        guard (0...headers.count).contains(headerCount) else {
            throw BatchError(.invalidRecord, "\(headerCount) headers in \(headers.count) bytes")
        }
        for _ in 0..<headerCount {
            _ = try reader.headerName()
            _ = try reader.bytes("the value of a header")
        }
        if !reader.rest.isEmpty {
            throw BatchError(.invalidRecord, "\(reader.rest.count) bytes after its last field")
        }
        return UnpackedRecord(
            delta: delta, timestamp: batch.hasAppendTime ? batch.maxTimestamp : timestamp, key: key,
            value: value, headerCount: headerCount, headers: headers, place: at..<headers.upperBound)
    }
}
