import NIOCore

@testable import EmbeddedKafka

/// Requests as a client writes them.
enum SampleRequests {
    /// A whole request with its length and header.
    static func frame(
        _ key: Int16, _ version: Int16, isFlexible: Bool, correlation: Int32, _ body: ByteBuffer
    )
        -> ByteBuffer
    {
        var buffer = ByteBuffer()
        buffer.writeInteger(0 as Int32)
        buffer.writeInteger(key)
        buffer.writeInteger(version)
        buffer.writeInteger(correlation)
        buffer.writeInteger(4 as Int16)
        buffer.writeString("test")
        if isFlexible { buffer.writeInteger(0 as UInt8) }
        buffer.writeImmutableBuffer(body)
        buffer.setInteger(Int32(buffer.readableBytes - 4), at: 0)
        return buffer
    }

    static func frame(
        _ kind: any Request.Type, _ version: Int16, correlation: Int32 = 1, _ body: ByteBuffer
    ) -> ByteBuffer {
        frame(
            kind.key, version, isFlexible: kind.isFlexible(version), correlation: correlation, body)
    }

    /// A body that is right; nil for kinds that are not written down here.
    static func body(
        _ kind: any Request.Type, _ version: Int16, topic: String = topic, batch: [UInt8] = []
    ) -> ByteBuffer? {
        var out = WireWriter(ByteBuffer(), isFlexible: kind.isFlexible(version))
        switch kind.key {
        case ProduceRequest.key: produce(topic, batch, into: &out)
        case FetchRequest.key: fetch(version, topic, into: &out)
        case ListOffsetsRequest.key: listOffsets(version, topic, into: &out)
        case MetadataRequest.key: metadata(version, topic, into: &out)
        case ApiVersionsRequest.key:
            if version >= 3 {
                out.string("software")
                out.string("1.0")
            }
        default: return nil
        }
        out.tags()
        return out.buffer
    }

    private static func produce(_ topic: String, _ batch: [UInt8], into out: inout WireWriter) {
        out.string(nil)
        out.int16(-1)
        out.int32(1_000)
        out.structs([topic]) { out, topic in
            out.string(topic)
            out.structs([0] as [Int32]) { out, number in
                out.int32(number)
                out.bytes(batch)
            }
        }
    }

    private static func fetch(_ version: Int16, _ topic: String, into out: inout WireWriter) {
        out.int32(-1)
        out.int32(0)
        out.int32(1)
        out.int32(1 << 20)
        out.int8(1)
        if version >= 7 {
            out.int32(0)
            out.int32(-1)
        }
        out.structs([topic]) { out, topic in
            out.string(topic)
            out.structs([0, 1] as [Int32]) { out, number in
                out.int32(number)
                if version >= 9 { out.int32(0) }
                out.int64(0)
                if version >= 12 { out.int32(0) }
                if version >= 5 { out.int64(0) }
                out.int32(1 << 20)
            }
        }
        if version >= 7 { out.structs([]) { (_: inout WireWriter, _: Int) in } }
        if version >= 11 { out.string("") }
    }

    private static func listOffsets(_ version: Int16, _ topic: String, into out: inout WireWriter) {
        out.int32(-1)
        if version >= 2 { out.int8(1) }
        out.structs([topic]) { out, topic in
            out.string(topic)
            out.structs([-1, -2, 1_000] as [Int64]) { out, time in
                out.int32(0)
                if version >= 4 { out.int32(0) }
                out.int64(time)
            }
        }
    }

    private static func metadata(_ version: Int16, _ topic: String, into out: inout WireWriter) {
        out.structs([topic, "other"]) { out, topic in
            if version >= 10 { out.uuid([UInt8](repeating: 0, count: 16)) }
            out.string(topic)
        }
        if version >= 4 { out.bool(false) }
        if (8...10).contains(version) { out.bool(false) }
        if version >= 8 { out.bool(false) }
    }

    /// What looks like fields of some request: small numbers, short texts, short lists, and now and then not.
    static func babble(isFlexible: Bool, _ random: inout Seeded) -> [UInt8] {
        var buffer = ByteBuffer()
        for _ in 0..<Int.random(in: 0...40, using: &random) {
            let small = Int.random(in: -1...3, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0: buffer.writeInteger(Int8(small))
            case 1: buffer.writeInteger(Int16(small))
            case 2: buffer.writeInteger(Int32(small))
            case 3: buffer.writeInteger(Int64(small))
            case 4: buffer.writeInteger(UInt64.random(in: .min ... .max, using: &random))
            case 5, 6:
                let text = ["", "a", topic, "ß"].randomElement(using: &random) ?? ""
                if isFlexible {
                    buffer.writeInteger(UInt8(text.utf8.count + 1))
                } else {
                    buffer.writeInteger(Int16(text.utf8.count))
                }
                buffer.writeString(text)
            default:
                let count = isFlexible ? [UInt8(small + 1)] : [0, 0, 0, UInt8(max(small, 0))]
                buffer.writeBytes(count)
            }
        }
        return Array(buffer.readableBytesView)
    }
}
