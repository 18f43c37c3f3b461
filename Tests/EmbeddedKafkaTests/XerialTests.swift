import Kafka
import SimulatedKafka
import Testing

@testable import EmbeddedKafka

/// Snappy as clients in Java send it, written down by hand from the formats' descriptions.
@Suite struct XerialTests {
    static let header: [UInt8] = [0x82] + bytes("SNAPPY") + [0, 0, 0, 0, 1, 0, 0, 0, 1]
    /// Five bytes, as a literal.
    static let hello: [UInt8] = [5, 4 << 2] + bytes("hello")
    /// Eight bytes: a literal "a", and seven more from one byte back.
    static let run: [UInt8] = [8, 0, 0x61, 3 << 2 | 1, 1]

    private func unpacked(_ packed: [UInt8], limit: Int = 100) throws -> String {
        String(decoding: try Compression.snappy.unpack(packed[...], limit: limit), as: UTF8.self)
    }

    private static func block(_ bytes: [UInt8]) -> [UInt8] { [0, 0, 0, UInt8(bytes.count)] + bytes }

    @Test func `one block as it is`() throws {
        #expect(try unpacked(Self.hello) == "hello")
        #expect(try unpacked(Self.run) == "aaaaaaaa")
    }

    @Test func `blocks after their lengths`() throws {
        #expect(try unpacked(Self.header) == "")
        #expect(try unpacked(Self.header + Self.block(Self.hello)) == "hello")
        #expect(
            try unpacked(Self.header + Self.block(Self.hello) + Self.block([0]) + Self.block(Self.run))
                == "helloaaaaaaaa")
    }

    @Test func `the limit is for all blocks together`() throws {
        let packed = Self.header + Self.block(Self.hello) + Self.block(Self.run)
        #expect(try unpacked(packed, limit: 13) == "helloaaaaaaaa")
        #expect(
            refusal { _ = try unpacked(packed, limit: 12) }
                == "invalidRecord: snappy: the records unpack to more than 12 bytes")
    }

    @Test(arguments: [
        (Array(header.dropLast()), "it ends within its header"),
        (header + [0, 0, 0], "it ends within a block's length"),
        (header + [0, 0, 0, 9] + hello, "a block of 9 bytes, of which 7 are there"),
        (header + [0xff, 0xff, 0xff, 0xff], "a block of 4294967295 bytes, of which 0 are there"),
        (header + [0, 0, 0, 0], "a block without a length"),
        (header + [0, 0, 0, 3, 5, 0, 0], "a damaged block"),
    ])
    func `damaged framing`(packed: [UInt8], reason: String) {
        #expect(refusal { _ = try unpacked(packed) } == "invalidRecord: snappy: \(reason)")
    }

    @Test func `a batch of a client in Java is read and compacted`() throws {
        let plain = try makeBatch([makeRecord("a", "1"), makeRecord("b", "2"), makeRecord("c", "3")])
        let records = Array(plain.bytes[RecordBatch.headerSize...])
        let (first, second) = (records.prefix(10), records.dropFirst(10))
        let packed = [first, second].flatMap { Self.block(Compression.packSnappy(Array($0))) }
        let batch = plain.replacing(Self.header + packed, .snappy)
        #expect(try batch.records() == plain.records())
        let left = try WireBatchRecoder(BrokerLimits()).keeping([1], of: batch)
        #expect(try left.records().map(\.key) == [bytes("b")])
    }
}
