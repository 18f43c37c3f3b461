internal import NIOCore
internal import SimulatedKafka

/// Why a batch is refused.
struct BatchError: Error {
    var code: ErrorCode
    var reason: String?

    init(_ code: ErrorCode, _ reason: String?) {
        self.code = code
        self.reason = reason
    }
}

/// The record batch of format 2 ("magic 2"), since Kafka 0.11 the only one: a header of 61 bytes and the records,
/// which may be compressed and are none of the broker's business.
enum RecordBatch {
    static let headerSize = 61

    /// Places of fields in the header.
    enum Place {
        static let baseOffset = 0
        static let length = 8
        static let leaderEpoch = 12
        static let magic = 16
        static let checksum = 17
        static let attributes = 21
        static let lastOffsetDelta = 23
        static let baseTimestamp = 27
        static let maxTimestamp = 35
        static let producerID = 43
        static let producerEpoch = 51
        static let baseSequence = 53
        static let count = 57
    }

    /// Bits of the attributes.
    enum Attributes {
        static let compression: Int16 = 0x07
        static let logAppendTime: Int16 = 0x08
        static let transactional: Int16 = 0x10
        static let control: Int16 = 0x20
    }

    /// Takes one batch off the buffer and checks what a broker checks. With `now`, the topic wants the time of
    /// appending as the records' time stamp.
    static func read(_ buffer: inout ByteBuffer, now: Int64?) throws(BatchError) -> EncodedBatch {
        let start = buffer.readerIndex
        guard buffer.readableBytes >= headerSize,
            let length: Int32 = buffer.getInteger(at: start + Place.length),
            let size = Int(exactly: length).map({ $0 + Place.leaderEpoch }), size >= headerSize,
            size <= buffer.readableBytes
        else { throw BatchError(.corruptMessage, "a batch with an impossible length") }
        func field<I: FixedWidthInteger>(_ place: Int) throws(BatchError) -> I {
            guard let value: I = buffer.getInteger(at: start + place) else {
                throw BatchError(.corruptMessage, nil)
            }
            return value
        }
        let magic: Int8 = try field(Place.magic)
        if magic != 2 { throw BatchError(.unsupportedForMessageFormat, "only record batches of format 2") }
        let checksum: UInt32 = try field(Place.checksum)
        guard let view = buffer.viewBytes(at: start + Place.attributes, length: size - Place.attributes),
            CRC32C.checksum(of: view) == checksum
        else { throw BatchError(.corruptMessage, "the checksum does not match") }
        let attributes: Int16 = try field(Place.attributes)
        let lastDelta: Int32 = try field(Place.lastOffsetDelta)
        let count: Int32 = try field(Place.count)
        if attributes & Attributes.control != 0 {
            throw BatchError(.invalidRecord, "clients write no markers")
        }
        if count <= 0 || lastDelta != count - 1 {
            throw BatchError(.invalidRecord, "the offsets in a batch must be without gaps")
        }
        let id: Int64 = try field(Place.producerID)
        let epoch: Int16 = try field(Place.producerEpoch)
        let maxTimestamp: Int64 = try field(Place.maxTimestamp)
        let sequence: Int32 = try field(Place.baseSequence)
        guard var bytes = buffer.readBytes(length: size) else { throw BatchError(.corruptMessage, nil) }
        if let now { setAppendTime(now, attributes, &bytes) }
        return EncodedBatch(
            bytes: bytes, count: Int(count), producer: id < 0 ? nil : ProducerIdentity(id: id, epoch: epoch),
            sequence: sequence, isTransactional: attributes & Attributes.transactional != 0,
            maxTimestamp: now ?? maxTimestamp)
    }

    private static func setAppendTime(_ now: Int64, _ attributes: Int16, _ bytes: inout [UInt8]) {
        var buffer = ByteBuffer(bytes: bytes)
        buffer.setInteger(attributes | Attributes.logAppendTime, at: Place.attributes)
        buffer.setInteger(now, at: Place.maxTimestamp)
        let checksum = CRC32C.checksum(of: buffer.readableBytesView.dropFirst(Place.attributes))
        buffer.setInteger(checksum, at: Place.checksum)
        bytes = Array(buffer.readableBytesView)
    }

    // MARK: What is sent

    /// A batch at its place in the log.
    struct Stored {
        var offset: Int64
        var bytes: [UInt8]

        func write(into buffer: inout ByteBuffer) {
            // The first twelve bytes and the leader's epoch are outside of the checksum.
            buffer.writeInteger(offset)
            bytes.withUnsafeBytes { all in
                _ = buffer.writeBytes(UnsafeRawBufferPointer(rebasing: all[Place.length..<Place.leaderEpoch]))
                buffer.writeInteger(Broker.leaderEpoch)
                _ = buffer.writeBytes(UnsafeRawBufferPointer(rebasing: all[Place.magic...]))
            }
        }
    }

    /// What clients get for an entry of the log.
    static func stored(_ entry: LogEntry) -> Stored {
        switch entry.content {
        case .batch(let batch): Stored(offset: entry.offset, bytes: batch.bytes)
        case .record(let record): Stored(offset: entry.offset, bytes: encode(record, entry))
        case .marker(let isCommit): Stored(offset: entry.offset, bytes: marker(isCommit, entry))
        }
    }
}
