/// What tells one record from another that stands at the same offset of another log: a topic that was deleted and
/// created again starts over at offset 0, and an offset alone cannot tell the two logs apart.
public struct RecordFingerprint: Sendable, Hashable {
    /// The record's time stamp in epoch milliseconds; -1 if it has none.
    public var timestamp: Int64
    /// FNV-1a (Fowler, Noll and Vo; 64 bits) over key and value, each preceded by its length.
    public var checksum: UInt64

    /// Takes over what was stored.
    public init(timestamp: Int64, checksum: UInt64) {
        self.timestamp = timestamp
        self.checksum = checksum
    }

    /// The fingerprint of a record. Reads all of its bytes: once a batch is cheap, once a record is not.
    public init(_ record: borrowing Record) {
        var checksum: UInt64 = 0xCBF2_9CE4_8422_2325
        Self.mix(record.key, into: &checksum)
        Self.mix(record.value, into: &checksum)
        self.init(timestamp: record.timestamp ?? -1, checksum: checksum)
    }

    private static func mix(_ bytes: RawSpan?, into checksum: inout UInt64) {
        // No bytes and no value are different: a tombstone has the length -1.
        var count = -1
        if let bytes { count = bytes.byteCount }
        for shift in stride(from: 0, to: 64, by: 8) {
            mix(UInt8(truncatingIfNeeded: count >> shift), into: &checksum)
        }
        guard let bytes else { return }
        bytes.withUnsafeBytes { for byte in $0 { mix(byte, into: &checksum) } }
    }

    private static func mix(_ byte: UInt8, into checksum: inout UInt64) {
        checksum = (checksum ^ UInt64(byte)) &* 0x100_0000_01B3
    }
}
