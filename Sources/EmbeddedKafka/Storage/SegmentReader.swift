internal import NIOCore
internal import SimulatedKafka

extension RecordBatch.Stored {
    /// Writes a batch as it is in a segment. The batch's checksum leaves out its offset, so that has its own, in the
    /// place of the leader's epoch, which a single node does not need.
    func writeForSegment(into buffer: inout ByteBuffer) {
        let start = buffer.writerIndex
        write(into: &buffer)
        buffer.setInteger(Self.checksum(ofOffset: offset), at: start + RecordBatch.Place.leaderEpoch)
    }

    fileprivate static func checksum(ofOffset offset: Int64) -> UInt32 {
        withUnsafeBytes(of: offset.bigEndian) { CRC32C.checksum(of: $0) }
    }
}

/// Reads the batches of a segment back, as entries of its log.
struct SegmentReader {
    let path: String
    private let bytes: [UInt8]
    /// The time of batches that have none.
    private let modified: Int64
    private(set) var at = 0
    /// The least offset that the next batch may have.
    private(set) var next: Int64

    init(_ path: String, from offset: Int64) throws(StorageError) {
        self.path = path
        next = offset
        (bytes, modified) = try File.read(path)
    }

    /// Bytes after the last batch that is whole.
    var rest: Int { bytes.count - at }

    /// The next entry; nil if there is none, or none that is whole.
    mutating func entry() throws(StorageError) -> LogEntry? {
        guard let size = whole(at) else { return nil }
        let entry = try entry(Array(bytes[at..<at + size]))
        at += size
        next = entry.last + 1
        return entry
    }

    /// To be called after the last entry: what follows can only be a batch that was not written to its end.
    func checkRest(isLast: Bool) throws(StorageError) {
        if rest == 0 { return }
        let following = (at..<bytes.count).first { whole($0) != nil }
        if isLast, following == nil { return }
        let more =
            following.map { ", and others follow, the first at byte \($0)" } ?? ", and later files follow"
        throw StorageError("\(path): damaged at byte \(at): the batch there is not what was written" + more)
    }

    /// The size of the batch that begins here, if one does and is as it was written.
    private func whole(_ at: Int) -> Int? {
        func field<Number: FixedWidthInteger>(_ place: Int) -> Number {
            bytes[at + place..<at + place + MemoryLayout<Number>.size].reduce(0) {
                $0 << 8 | Number(truncatingIfNeeded: $1)
            }
        }
        guard at + RecordBatch.headerSize <= bytes.count, bytes[at + RecordBatch.Place.magic] == 2 else {
            return nil
        }
        let size = Int(field(RecordBatch.Place.length) as Int32) + RecordBatch.Place.leaderEpoch
        let offset: Int64 = field(RecordBatch.Place.baseOffset)
        guard size >= RecordBatch.headerSize, size <= bytes.count - at, offset >= next,
            RecordBatch.Stored.checksum(ofOffset: offset) == field(RecordBatch.Place.leaderEpoch),
            field(RecordBatch.Place.lastOffsetDelta) as Int32 >= 0,
            CRC32C.checksum(of: bytes[at + RecordBatch.Place.attributes..<at + size])
                == field(RecordBatch.Place.checksum)
        else { return nil }
        return size
    }

    private func entry(_ batch: [UInt8]) throws(StorageError) -> LogEntry {
        func field<Number: FixedWidthInteger>(_ place: Int) -> Number { RecordBatch.field(place, of: batch) }
        let attributes: Int16 = field(RecordBatch.Place.attributes)
        let offset: Int64 = field(RecordBatch.Place.baseOffset)
        let lastDelta: Int32 = field(RecordBatch.Place.lastOffsetDelta)
        let id: Int64 = field(RecordBatch.Place.producerID)
        let maxTimestamp: Int64 = field(RecordBatch.Place.maxTimestamp)
        let sequence: Int32 = field(RecordBatch.Place.baseSequence)
        let producer = id < 0 ? nil : ProducerIdentity(id: id, epoch: field(RecordBatch.Place.producerEpoch))
        let isTransactional = attributes & RecordBatch.Attributes.transactional != 0
        let content: LogEntry.Content
        if attributes & RecordBatch.Attributes.control != 0 {
            content = .marker(isCommit: try isCommit(batch))
        } else {
            content = .batch(
                EncodedBatch(
                    // As many as it takes up, which is not as many as compaction left.
                    bytes: batch, count: Int(lastDelta) + 1, producer: producer, sequence: sequence,
                    isTransactional: isTransactional, maxTimestamp: maxTimestamp))
        }
        return LogEntry(
            offset: offset, last: offset + Int64(lastDelta), producer: producer, sequence: sequence,
            isTransactional: isTransactional, timestamp: maxTimestamp < 0 ? modified : maxTimestamp,
            hasAppendTime: attributes & RecordBatch.Attributes.logAppendTime != 0, content: content)
    }

    private func isCommit(_ marker: [UInt8]) throws(StorageError) -> Bool {
        let kind: UInt8?
        do throws(BatchError) {
            let unpacked = try UnpackedBatch(marker, limit: marker.count)
            var records = unpacked.records
            kind = unpacked.bytes(try records.next()?.key)?.last
        } catch {
            kind = nil
        }
        guard let kind, kind <= 1 else { throw StorageError("\(path): a marker of no kind at byte \(at)") }
        return kind == 1
    }
}
