import SimulatedKafka
import Testing

@testable import EmbeddedKafka

/// What is wrong with a batch is said precisely.
@Suite struct DamageTests {
    /// A record: length 7, no attributes, time 0, offset 0, key "k", no value, no headers.
    static let whole: [UInt8] = [14, 0, 0, 0, 2, 0x6b, 1, 0]

    @Test(
        arguments: [
            (whole, nil),
            ([], "2 records, of which 0 are there"),
            (whole.dropLast(), "record 0: its length is 7, with 6 bytes to come"),
            ([1], "record 0: its length is -1, with 0 bytes to come"),
            ([0], "record 0: it ends before its attributes"),
            ([2, 0], "record 0: it ends before its time"),
            ([4, 0, 0], "record 0: it ends before its offset"),
            ([6, 0, 0, 1], "record 0: offset -1 after -1, in a batch up to 1"),
            ([6, 0, 0, 4], "record 0: offset 2 after -1, in a batch up to 1"),
            ([8, 0, 0, 0, 9], "record 0: its key is of -5 bytes, with 0 bytes to come"),
            ([8, 0, 0, 0, 2], "record 0: its key is of 1 bytes, with 0 bytes to come"),
            ([10, 0, 0, 0, 1, 3], "record 0: its value is of -2 bytes, with 0 bytes to come"),
            ([12, 0, 0, 0, 1, 1, 1], "record 0: -1 headers in 0 bytes"),
            ([12, 0, 0, 0, 1, 1, 4], "record 0: 2 headers in 0 bytes"),
            ([16, 0, 0, 0, 1, 1, 2, 1, 1], "record 0: a header without a name"),
            ([14, 0, 0, 0, 1, 1, 2, 0], "record 0: it ends before the value of a header"),
            ([14, 0, 0, 0, 1, 1, 0, 0], "record 0: 1 bytes after its last field"),
            (
                [14, 0, 0, 0x80, 0x80, 0x80, 0x80, 0x20],
                "record 0: its offset is 4294967296, which is no 32-bit number"
            ),
            (
                [24, 0] + [UInt8](repeating: 0xff, count: 10) + [0],
                "record 0: its time is a number that does not end"
            ),
            (
                [24, 0, 0xfe] + [UInt8](repeating: 0xff, count: 8) + [1, 0],
                "record 0: its time is beyond all times"
            ),
            (whole + whole, "record 1: offset 0 after 0, in a batch up to 1"),
            (whole + [14, 0, 0, 2, 2, 0x6b, 1, 0, 99, 98], "2 bytes after the last record"),
        ] as [([UInt8], String?)])
    func `a damaged record`(records: [UInt8], reason: String?) throws {
        let batch = try makeBatch([makeRecord("k", nil), makeRecord("k", nil)])
        let damaged = batch.replacing(records, count: records == Self.whole ? 1 : 2, .none)
        #expect(refusal { _ = try damaged.records() } == reason.map { "invalidRecord: \($0)" })
    }

    @Test func `a damaged header`() throws {
        let batch = try makeBatch([makeRecord("k", nil)])
        func refused(_ change: (inout [UInt8]) -> Void) -> String? {
            var bytes = batch.bytes
            change(&bytes)
            return refusal { _ = try UnpackedBatch(bytes, limit: 1_000) }
        }
        #expect(refused { _ in } == nil)
        #expect(
            refused { $0.removeLast($0.count - 60) }
                == "corruptMessage: a batch of 60 bytes is less than its header")
        #expect(
            refused { $0.append(0) }
                == "corruptMessage: a batch of 70 bytes that says that 57 follow its length")
        #expect(
            refused { $0[RecordBatch.Place.attributes + 1] |= 7 }
                == "invalidRecord: there is no compression 7")
        #expect(
            refused { $0[RecordBatch.Place.count] = 0x80 } == "invalidRecord: a batch of -2147483647 records")
    }

    @Test(arguments: RoundTripTests.codecs.dropFirst())
    func `compressed records that are cut off, damaged or followed by more`(_ codec: Compression) throws {
        let packed = try codec.pack(bytes(String(repeating: "some text, ", count: 100)))
        func refused(_ packed: [UInt8]) -> Bool {
            refusal { _ = try codec.unpack(packed[...], limit: 10_000) }?
                .hasPrefix("invalidRecord: \(codec): ") == true
        }
        #expect(!refused(packed))
        #expect(refused([]))
        #expect(refused(packed.dropLast()))
        #expect(refused(packed + [0]))
        #expect(refused([UInt8](repeating: 0xaa, count: 50)))
    }

    // MARK: Bombs

    @Test(arguments: RoundTripTests.codecs.dropFirst()) func `a bomb is refused`(_ codec: Compression) throws
    {
        let packed = try codec.pack([UInt8](repeating: 0, count: 100_000))
        #expect(try codec.unpack(packed[...], limit: 100_000).count == 100_000)
        let reason = "invalidRecord: \(codec): the records unpack to more than 99999 bytes"
        #expect(refusal { _ = try codec.unpack(packed[...], limit: 99_999) } == reason)
        let batch = try makeBatch([makeRecord("k", nil)]).replacing(packed, codec)
        var limits = BrokerLimits()
        limits.decompressedBytes = 99_999
        #expect(refusal { _ = try WireBatchRecoder(limits).records(of: batch) } == reason)
    }

    @Test func `a zstd bomb that does not tell its size is refused`() throws {
        // No size, a window of 1 GiB and 4096 blocks that each repeat one byte 128 Ki times; the last bit of
        // the last one is set.
        var bomb: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0, 20 << 3]
        for i in 0..<4_096 { bomb += [i == 4_095 ? 3 : 2, 0, 0x10, 0] }
        let limit = 1 << 20
        #expect(
            refusal { _ = try Compression.zstd.unpack(bomb[...], limit: limit) }
                == "invalidRecord: zstd: the records unpack to more than \(limit) bytes")
    }

    @Test func `snappy that lies about its length is refused`() throws {
        let lie: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0x61]
        #expect(
            refusal { _ = try Compression.snappy.unpack(lie[...], limit: 1_000) }
                == "invalidRecord: snappy: the records unpack to more than 1000 bytes")
        let small: [UInt8] = [100, 0, 0x61]
        #expect(
            refusal { _ = try Compression.snappy.unpack(small[...], limit: 1_000) }
                == "invalidRecord: snappy: a damaged block")
    }

    @Test func `an empty block is nothing, for any limit`() throws {
        for codec in RoundTripTests.codecs {
            #expect(try codec.unpack(codec.pack([])[...], limit: 0) == [])
        }
    }
}
