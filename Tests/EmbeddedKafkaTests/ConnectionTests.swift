import Kafka
import NIOCore
import Testing

@testable import EmbeddedKafka

/// What a client does wrong ends its own connection and no other.
@Suite struct ConnectionTests {
    /// What a connection must not begin with.
    static let wrong: [(name: String, bytes: [UInt8])] = [
        ("the greatest length", [0x7f, 0xff, 0xff, 0xff]),
        ("one byte more than the limit", [0x02, 0, 0, 0x01]),
        ("a negative length", [0xff, 0xff, 0xff, 0xff]),
        ("no request at all", [0, 0, 0, 0]),
        ("less than a header", [0, 0, 0, 7, 0, 18, 0, 0, 0, 0, 0]),
        ("HTTP", bytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")),
        ("TLS", [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
        ("an unknown kind of request", frame(999, 0, ByteBuffer())),
        ("a negative kind of request", frame(-1, 0, ByteBuffer())),
        ("a version that is not answered", frame(MetadataRequest.key, 99, ByteBuffer())),
        ("a request without its fields", frame(FetchRequest.key, 4, ByteBuffer(bytes: [0, 0]))),
        (
            "a list that is longer than the request",
            frame(MetadataRequest.key, 1, ByteBuffer(bytes: [0x7f, 0xff, 0xff, 0xff]))
        ),
        (
            "a text that is none",
            frame(MetadataRequest.key, 1, ByteBuffer(bytes: [0, 0, 0, 1, 0, 1, 0xff]))
        ),
    ]

    private static func frame(_ key: Int16, _ version: Int16, _ body: ByteBuffer) -> [UInt8] {
        Array(
            SampleRequests.frame(key, version, isFlexible: false, correlation: 1, body).readableBytesView)
    }

    @Test(arguments: wrong.map(\.name)) func `it ends`(_ name: String) async throws {
        let bytes = try #require(Self.wrong.first { $0.name == name }).bytes
        let kafka = try makeBroker()
        try await DedicatedThread.run(named: "test") {
            let other = try RawClient(kafka.brokers)
            #expect(try other.goesOn())
            let client = try RawClient(kafka.brokers)
            client.send(bytes)
            #expect(try client.isEnded)
            #expect(try other.goesOn())
        }
    }

    @Test func `requests that are begun and not ended take no more memory than is allowed`() async throws {
        var limits = BrokerLimits()
        limits.unfinishedBytes = 1 << 20
        let kafka = try makeBroker(limits)
        try await DedicatedThread.run(named: "test") {
            let other = try RawClient(kafka.brokers)
            let clients = try (0..<4).map { _ in try RawClient(kafka.brokers) }
            // Each begins a request of 16 MiB, and sends 400 KiB of it: the third is one too many.
            for client in clients {
                client.send([1, 0, 0, 0] + [UInt8](repeating: 0, count: 400 << 10))
                #expect(try other.goesOn())
            }
            #expect(try clients[2].isEnded)
            #expect(try other.goesOn())
        }
    }

    @Test func `noise ends`() async throws {
        let kafka = try makeBroker()
        try await DedicatedThread.run(named: "test") {
            let other = try RawClient(kafka.brokers)
            for seed in 0..<50 as Range<UInt64> {
                var random = Seeded(seed)
                var noise = (0..<2_000).map { _ in UInt8.random(in: .min ... .max, using: &random) }
                // Half of it with a length that lets the rest be looked at.
                if seed % 2 == 0 { noise.replaceSubrange(0..<4, with: [0, 0, 3, 0]) }
                let client = try RawClient(kafka.brokers)
                client.send(noise)
                client.endSending()
                #expect(try client.isEnded, "seed \(seed)")
                #expect(try other.goesOn(), "seed \(seed)")
            }
        }
    }

    @Test func `half a request keeps nobody waiting`() async throws {
        let kafka = try makeBroker()
        try await DedicatedThread.run(named: "test") {
            let other = try RawClient(kafka.brokers)
            let whole = Self.frame(MetadataRequest.key, 1, ByteBuffer(integer: -1 as Int32))
            let halves = try (1..<whole.count).map { count in
                let client = try RawClient(kafka.brokers)
                client.send(whole.prefix(count))
                return client
            }
            #expect(try other.goesOn())
            // The first half of them say that no more comes, the others go on where they stopped.
            for client in halves.prefix(10) {
                client.endSending()
                #expect(try client.isEnded)
            }
            for (count, client) in zip(1..., halves).dropFirst(10) {
                client.send(whole.dropFirst(count))
                _ = try client.response(to: 1, isFlexible: false)
            }
            #expect(try other.goesOn())
        }
    }

    @Test func `who is silent for too long is cut off`() async throws {
        var limits = BrokerLimits()
        limits.idleMilliseconds = 1_000
        let kafka = try makeBroker(limits)
        try await DedicatedThread.run(named: "test") {
            let silent = try RawClient(kafka.brokers)
            let half = try RawClient(kafka.brokers)
            half.send([0, 0])
            #expect(try silent.isEnded)
            #expect(try half.isEnded)
            #expect(try RawClient(kafka.brokers).goesOn())
        }
    }

    @Test func `who goes away while it waits hinders nobody`() async throws {
        let kafka = try makeBroker()
        try await DedicatedThread.run(named: "test") {
            let other = try RawClient(kafka.brokers)
            for _ in 0..<20 {
                let client = try RawClient(kafka.brokers)
                // A fetch that waits for a day, then something wrong.
                var body = ByteBuffer()
                for number in [-1, 86_400_000, 1, 1 << 20] as [Int32] { body.writeInteger(number) }
                body.writeBytes([0, 0, 0, 0, 0])
                client.send(Self.frame(FetchRequest.key, 4, body) + [0xff, 0xff, 0xff, 0xff])
                client.resetAtEnd()
            }
            #expect(try other.goesOn())
        }
    }

    @Test func `requests that come together are answered in order`() async throws {
        let kafka = try makeBroker()
        try await DedicatedThread.run(named: "test") {
            let client = try RawClient(kafka.brokers)
            let body = ByteBuffer(integer: -1 as Int32)
            let frames = (1...200).map {
                SampleRequests.frame(MetadataRequest.self, 1, correlation: $0, body)
            }
            client.send(frames.flatMap { Array($0.readableBytesView) })
            for correlation in 1...200 as ClosedRange<Int32> {
                _ = try client.response(to: correlation, isFlexible: false)
            }
        }
    }

    @Test func `a version of ApiVersions that is too new is told which there are`() async throws {
        let kafka = try makeBroker()
        let answer = try await DedicatedThread.run(named: "test") {
            let client = try RawClient(kafka.brokers)
            client.send(Self.frame(ApiVersionsRequest.key, 99, ByteBuffer()))
            var reader = try client.response(to: 1, isFlexible: false)
            let error = try reader.int16()
            let kinds = try reader.structs { reader throws(WireError) in
                [try reader.int16(), try reader.int16(), try reader.int16()]
            }
            return (error, kinds.map { $0[0] })
        }
        #expect(answer.0 == 35)
        #expect(answer.1 == RequestKinds.all.map { $0.key })
    }
}
