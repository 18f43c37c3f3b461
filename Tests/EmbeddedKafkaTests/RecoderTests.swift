import Kafka
import SimulatedKafka
import Testing

@testable import EmbeddedKafka

@Suite struct RecoderTests {
    let recoder = WireBatchRecoder(BrokerLimits())
    static let records = [
        makeRecord("a", "1", at: 0), makeRecord("b", "2", at: 30), makeRecord("a", nil, at: 10),
        makeRecord(nil, "4", at: 20), makeRecord("b", "", at: 25),
    ]

    @Test(arguments: RoundTripTests.codecs) func `compaction is told of every record`(_ codec: Compression)
        throws
    {
        let keys = try recoder.records(of: makeBatch(Self.records, codec))
        #expect(keys.map(\.offsetDelta) == [0, 1, 2, 3, 4])
        #expect(keys.map(\.key) == [bytes("a"), bytes("b"), bytes("a"), nil, bytes("b")])
        #expect(keys.map(\.isTombstone) == [false, false, true, false, false])
        #expect(keys.map(\.timestamp) == [1_000, 1_030, 1_010, 1_020, 1_025])
    }

    @Test(arguments: RoundTripTests.codecs) func `what is kept is as it was`(_ codec: Compression) throws {
        let batch = try makeBatch(Self.records, codec)
        let result = try recoder.keeping([2, 4], of: batch)
        #expect(try result.records() == batch.records().filter { [2, 4].contains($0.offset) })
        #expect(result.isChecksumRight)
        #expect(try UnpackedBatch(result.bytes, limit: 1_000).compression == (codec == .none ? .none : .gzip))
    }

    @Test func `the header tells what the batch was and what is left of it`() throws {
        let batch = try makeBatch(Self.records, .zstd)
        let result = try recoder.keeping([2, 4, 99], of: batch)
        typealias Place = RecordBatch.Place
        for place in [Place.lastOffsetDelta, Place.baseSequence] {
            let (now, before) = (result.number(place), batch.number(place))
            #expect(now == before)
        }
        for place in [Place.baseTimestamp, Place.producerID] {
            #expect(
                RecordBatch.field(place, of: result.bytes) as Int64
                    == RecordBatch.field(place, of: batch.bytes))
        }
        #expect(RecordBatch.field(Place.producerEpoch, of: result.bytes) as Int16 == 3)
        #expect(RecordBatch.field(Place.attributes, of: result.bytes) as Int16 == 0x11)
        #expect(RecordBatch.field(Place.maxTimestamp, of: result.bytes) as Int64 == 1_025)
        #expect(result.number(Place.count) == 2)
        #expect(result.maxTimestamp == 1_025)
        #expect((result.count, result.sequence, result.isTransactional) == (5, 40, true))
        #expect(result.producer == batch.producer)
    }

    @Test func `a batch of which all is kept stays as it is`() throws {
        let batch = try makeBatch(Self.records, .lz4)
        #expect(try recoder.keeping([0, 1, 2, 3, 4], of: batch) == batch)
        let once = try recoder.keeping([1, 3], of: batch)
        #expect(try recoder.keeping([1, 3], of: once) == once)
        #expect(try recoder.keeping([3], of: once).records().map(\.value) == [bytes("4")])
    }

    @Test func `a batch of which nothing is kept is a header`() throws {
        let batch = try makeBatch(Self.records, .lz4)
        let empty = try recoder.keeping([], of: batch)
        #expect(empty.bytes.count == RecordBatch.headerSize)
        #expect(empty.isChecksumRight)
        #expect((empty.count, empty.maxTimestamp) == (5, 1_030))
        #expect(try recoder.records(of: empty).isEmpty)
        #expect(try recoder.keeping([1], of: empty) == empty)
        #expect(try recoder.offset(at: 0, in: empty) == nil)
    }

    @Test(arguments: RoundTripTests.codecs) func `the first record not older than a time`(
        _ codec: Compression
    )
        throws
    {
        let batch = try makeBatch(Self.records, codec)
        func found(_ time: Int64, in batch: EncodedBatch) throws -> [Int64]? {
            try recoder.offset(at: time, in: batch).map { [Int64($0.delta), $0.timestamp] }
        }
        #expect(try found(0, in: batch) == [0, 1_000])
        #expect(try found(1_001, in: batch) == [1, 1_030])
        #expect(try found(1_030, in: batch) == [1, 1_030])
        #expect(try found(1_031, in: batch) == nil)
        let left = try recoder.keeping([2, 3, 4], of: batch)
        #expect(try found(1_001, in: left) == [2, 1_010])
        #expect(try found(1_021, in: left) == [4, 1_025])
        #expect(try found(1_026, in: left) == nil)
    }

    @Test func `with the time of appending all records have the batch's`() throws {
        let time = RecordBatch.Attributes.logAppendTime
        let batch = try makeBatch(Self.records, .gzip, attributes: time)
        let found = try recoder.offset(at: 1_030, in: batch)
        #expect(found?.delta == 0 && found?.timestamp == 1_030)
        let left = try recoder.keeping([3], of: batch)
        #expect(left.maxTimestamp == 1_030)
        #expect(try recoder.records(of: left).map(\.timestamp) == [1_030])
    }

    @Test func `a record without a key is found`() throws {
        #expect(try recoder.hasRecordWithoutKey(makeBatch(Self.records, .snappy)))
        #expect(try !recoder.hasRecordWithoutKey(makeBatch([makeRecord("", nil)], .snappy)))
        // Damage after it is found too.
        let cut = try makeBatch(Self.records).bytes[RecordBatch.headerSize...].dropLast()
        let batch = try makeBatch(Self.records).replacing(Array(cut), .none)
        #expect(throws: BatchError.self) { try recoder.hasRecordWithoutKey(batch) }
    }
}

extension EncodedBatch {
    func number(_ place: Int) -> Int32 { RecordBatch.field(place, of: bytes) }
}
