import Kafka
import NIOCore
import NIOEmbedded
import SimulatedKafka
import Testing

@testable import EmbeddedKafka

/// Whatever arrives is answered or refused. Seeds count from 0, so that a trap, which says nothing of them, comes
/// again.
@Suite struct FuzzTests {
    // MARK: Batches

    @Test(arguments: RoundTripTests.codecs) func `mutated batches are read or refused`(_ codec: Compression)
        throws
    {
        let whole = try makeBatch(Array(RoundTripTests.records.prefix(60).filter { $0.headers.count < 9 }))
        let short = try makeBatch(RecoderTests.records)
        var limits = BrokerLimits()
        limits.decompressedBytes = 400_000
        let recoder = WireBatchRecoder(limits)
        for seed in 0..<1_000 as Range<UInt64> {
            var random = Seeded(seed)
            let plain = seed % 8 == 0 ? whole : short
            let records = Array(plain.bytes[RecordBatch.headerSize...])
            // Damage inside of what is packed gets further than damage to the packing.
            let packed =
                if seed % 2 == 0 { try codec.pack(records.mutated(&random)) } else {
                    try codec.pack(records).mutated(&random)
                }
            var batch = plain.replacing(packed, codec)
            if seed % 5 == 0 { batch.bytes = batch.bytes.mutated(&random) }
            let deltas = Set((0..<Int32(batch.count)).filter { _ in Bool.random(using: &random) })
            do {
                let unpacked = try UnpackedBatch(batch.bytes, limit: recoder.limit)
                #expect(unpacked.compression == .none || unpacked.bytes.count <= recoder.limit)
                let keys = try recoder.records(of: batch)
                #expect(keys.count == unpacked.count, "seed \(seed)")
                _ = try recoder.hasRecordWithoutKey(batch)
                _ = try recoder.offset(at: 1_020, in: batch)
                let left = try recoder.records(of: recoder.keeping(deltas, of: batch))
                #expect(
                    left.map(\.offsetDelta) == keys.map(\.offsetDelta).filter(deltas.contains), "seed \(seed)"
                )
            } catch {
                #expect(error is BatchError, "seed \(seed)")
            }
        }
    }

    @Test(arguments: RoundTripTests.codecs.dropFirst())
    func `noise is unpacked within the limit or refused`(_ codec: Compression) throws {
        for seed in 0..<1_000 as Range<UInt64> {
            var random = Seeded(seed)
            // The beginning of something right, so that the noise is taken for its rest.
            let start = try codec.pack(bytes("some bytes, some bytes, some bytes"))
            let noise = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                UInt8.random(in: .min ... .max, using: &random)
            }
            let packed = start.prefix(Int.random(in: 0...start.count, using: &random)) + noise
            do throws(BatchError) {
                let unpacked = try codec.unpack(packed, limit: 5_000)
                #expect(unpacked.count <= 5_000, "seed \(seed)")
            } catch {
                #expect(error.code == .invalidRecord, "seed \(seed)")
            }
        }
    }

    // MARK: Requests

    @Test(arguments: RequestKinds.byKey.keys.sorted())
    func `any bytes are a request or are not`(_ key: Int16) throws {
        let kind = try #require(RequestKinds.byKey[key])
        let batch = try makeBatch(RecoderTests.records).bytes
        for version in kind.versions {
            let isFlexible = kind.isFlexible(version)
            func read(_ bytes: [UInt8]) throws(WireError) {
                var reader = WireReader(ByteBuffer(bytes: bytes), isFlexible: isFlexible)
                _ = try kind.init(from: &reader, version: version)
            }
            let sample = SampleRequests.body(kind, version, batch: batch)
            if let sample { try read(Array(sample.readableBytesView)) }
            for seed in 0..<400 as Range<UInt64> {
                var random = Seeded(seed)
                let babble = SampleRequests.babble(isFlexible: isFlexible, &random)
                let noise = (0..<200).map { _ in UInt8.random(in: .min ... .max, using: &random) }
                let mutated = sample.map { Array($0.readableBytesView).mutated(&random) } ?? []
                for bytes in [babble, noise, mutated] { try? read(bytes) }
            }
        }
    }

    @Test func `mutated requests are answered or end their connection`() throws {
        let loop = EmbeddedEventLoop()
        let node = Broker.Node(host: "localhost", port: 1)
        let broker = try Broker(BrokerLimits(), node: node, logger: quiet, on: loop)
        broker.model.createTopic(topic, topicPartitions: 2)
        let batch = try makeBatch(RecoderTests.records).bytes
        var (answered, ended) = (0, 0)
        for seed in 0..<3_000 as Range<UInt64> {
            var random = Seeded(seed)
            let kind = RequestKinds.all[Int(seed) % RequestKinds.all.count]
            let version = Int16.random(in: kind.versions, using: &random)
            let body =
                SampleRequests.body(kind, version, batch: seed % 3 == 0 ? batch.mutated(&random) : batch)
                ?? ByteBuffer(
                    bytes: SampleRequests.babble(isFlexible: kind.isFlexible(version), &random))
            // With their length as it should be, so that they are not cut off too early.
            let frame = Array(SampleRequests.frame(kind, version, body).readableBytesView.dropFirst(4))
            let mutated = frame.prefix(4) + Array(frame.dropFirst(4)).mutated(&random)
            var buffer = ByteBuffer(integer: Int32(mutated.count))
            buffer.writeBytes(mutated)
            let channel = EmbeddedChannel(
                handler: Connection(broker, host: "test", logger: quiet), loop: loop)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            try channel.pipeline.syncOperations.addHandler(
                ByteToMessageHandler(
                    FrameDecoder(maximum: 1 << 20, unfinished: UnfinishedRequests(limit: 1 << 20))),
                position: .first)
            try channel.writeInbound(buffer)
            loop.run()
            if try channel.readOutbound(as: ByteBuffer.self) != nil { answered += 1 }
            if channel.isActive { _ = try channel.finish() } else { ended += 1 }
        }
        // The mutations are such that both happen.
        #expect(answered > 300)
        #expect(ended > 300)
    }
}
