internal import SimulatedKafka

/// How the records of a batch are packed, with the numbers of the batch's attributes.
enum Compression: Int16 {
    case none, gzip, snappy, lz4, zstd

    /// Unpacks records, to at most `limit` bytes: what would be more is refused before it is held.
    func unpack(_ packed: ArraySlice<UInt8>, limit: Int) throws(BatchError) -> [UInt8] {
        if self != .none, packed.isEmpty { throw failure("nothing to unpack") }
        return switch self {
        case .none: Array(packed)
        case .gzip: try Self.unpackGzip(packed, limit)
        case .snappy: try Self.unpackSnappy(packed, limit)
        case .lz4: try Self.unpackLZ4(packed, limit)
        case .zstd: try Self.unpackZstd(packed, limit)
        }
    }

    /// INVALID_RECORD, because the checksum was right: a client that sent it again would send the same.
    func failure(_ reason: String) -> BatchError { BatchError(.invalidRecord, "\(self): \(reason)") }

    func tooLarge(_ limit: Int) -> BatchError { failure("the records unpack to more than \(limit) bytes") }

    /// What a library writes into room for `capacity` bytes.
    ///
    /// Room that it does not write to costs no memory, only addresses, so it may be generous.
    static func filled(
        _ capacity: Int, from packed: ArraySlice<UInt8>,
        _ body: (UnsafeBufferPointer<UInt8>, UnsafeMutableBufferPointer<UInt8>) -> Result<Int, BatchError>
    ) throws(BatchError) -> [UInt8] {
        var written: Result<Int, BatchError> = .success(0)
        let bytes = packed.withUnsafeBufferPointer { input in
            // With no room at all there would be no address.
            [UInt8](unsafeUninitializedCapacity: max(capacity, 1)) { output, count in
                written = body(input, UnsafeMutableBufferPointer(rebasing: output.prefix(capacity)))
                if case .success(let value) = written { count = value }
            }
        }
        _ = try written.get()
        return bytes
    }
}
