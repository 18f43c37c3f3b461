import Testing

@testable import EmbeddedKafka

@Suite struct ChecksumTests {
    /// From RFC 3720, B.4, and the usual one for catalogues of checksums.
    @Test(
        arguments: [
            ([], 0),
            (bytes("123456789"), 0xE306_9283),
            ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xff, count: 32), 0x62A8_AB43),
            ([UInt8](0..<32), 0x46DD_794E),
            ([UInt8]((0..<32).reversed()), 0x113F_DB5C),
        ] as [([UInt8], UInt32)])
    func `the checksum is Castagnoli's`(bytes: [UInt8], checksum: UInt32) {
        #expect(CRC32C.checksum(of: bytes) == checksum)
    }

    @Test func `eight bytes at a time give what one at a time gives`() {
        var random = Seeded(1)
        let bytes = (0..<100).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        for start in 0..<9 {
            for end in start...bytes.count {
                let part = bytes[start..<end]
                #expect(CRC32C.checksum(of: part) == slow(part), "\(start)..<\(end)")
            }
        }
        // Not contiguous: copied first.
        #expect(CRC32C.checksum(of: bytes.lazy.map { $0 }) == slow(bytes[...]))
    }

    /// Bit by bit, straight from the polynomial.
    private func slow(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var crc = ~UInt32(0)
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
        }
        return ~crc
    }
}
