import CLZ4
import CSnappy
import CZstd

@testable import EmbeddedKafka

/// The other direction of the codecs, which the broker needs only for gzip.
extension Compression {
    func pack(_ bytes: [UInt8]) throws -> [UInt8] {
        switch self {
        case .none: bytes
        case .gzip: try Self.packGzip(bytes[...])
        case .snappy: Self.packSnappy(bytes)
        case .lz4: Self.packLZ4(bytes)
        case .zstd: Self.packZstd(bytes)
        }
    }

    static func packSnappy(_ bytes: [UInt8]) -> [UInt8] {
        var length = snappy_max_compressed_length(bytes.count)
        var packed = [CChar](repeating: 0, count: length)
        _ = snappy_compress(bytes.map { CChar(bitPattern: $0) }, bytes.count, &packed, &length)
        return packed.prefix(length).map { UInt8(bitPattern: $0) }
    }

    private static func packLZ4(_ bytes: [UInt8]) -> [UInt8] {
        var packed = [UInt8](repeating: 0, count: LZ4F_compressFrameBound(bytes.count, nil))
        let length = LZ4F_compressFrame(&packed, packed.count, bytes, bytes.count, nil)
        return Array(packed.prefix(length))
    }

    private static func packZstd(_ bytes: [UInt8]) -> [UInt8] {
        var packed = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let length = ZSTD_compress(&packed, packed.count, bytes, bytes.count, 3)
        return Array(packed.prefix(length))
    }
}
