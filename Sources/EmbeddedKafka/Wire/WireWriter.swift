internal import NIOCore
internal import SimulatedKafka

/// Writes the fields of a response in Kafka's encoding, old or flexible (KIP-482).
struct WireWriter {
    private(set) var buffer: ByteBuffer
    /// Whether lengths are compact and structures end with tagged fields.
    let isFlexible: Bool

    init(_ buffer: ByteBuffer, isFlexible: Bool) {
        self.buffer = buffer
        self.isFlexible = isFlexible
    }

    // MARK: Numbers

    mutating func int8(_ value: Int8) { buffer.writeInteger(value) }
    mutating func int16(_ value: Int16) { buffer.writeInteger(value) }
    mutating func int32(_ value: Int32) { buffer.writeInteger(value) }
    mutating func int64(_ value: Int64) { buffer.writeInteger(value) }
    mutating func bool(_ value: Bool) { buffer.writeInteger(value ? 1 : 0, as: UInt8.self) }
    mutating func uuid(_ value: [UInt8]) { buffer.writeBytes(value) }
    mutating func error(_ code: ErrorCode?) { int16(code?.rawValue ?? 0) }
    /// How long the client is asked to wait; this broker never asks.
    mutating func throttleTime() { int32(0) }

    private mutating func unsignedVarint(_ value: Int) {
        var value = UInt32(truncatingIfNeeded: value)
        while value >= 0x80 {
            buffer.writeInteger(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        buffer.writeInteger(UInt8(truncatingIfNeeded: value))
    }

    // MARK: Texts and bytes

    private mutating func length(_ value: Int, short: Bool) {
        if isFlexible {
            unsignedVarint(value + 1)
        } else if short {
            int16(Int16(clamping: value))
        } else {
            int32(Int32(clamping: value))
        }
    }

    mutating func string(_ value: String?) {
        guard let value else { return length(-1, short: true) }
        length(value.utf8.count, short: true)
        buffer.writeString(value)
    }

    mutating func bytes(_ value: [UInt8]?) {
        guard let value else { return length(-1, short: false) }
        length(value.count, short: false)
        buffer.writeBytes(value)
    }

    /// Bytes that `body` writes, so many.
    mutating func bytes(count: Int, _ body: (inout ByteBuffer) -> Void) {
        length(count, short: false)
        body(&buffer)
    }

    // MARK: Arrays and structures

    /// Elements that are single values.
    mutating func array<Elements: Collection>(
        _ elements: Elements, _ element: (inout WireWriter, Elements.Element) -> Void
    ) {
        length(elements.count, short: false)
        for value in elements { element(&self, value) }
    }

    /// A null array.
    mutating func nullArray() { length(-1, short: false) }

    /// Elements that are structures.
    mutating func structs<Elements: Collection>(
        _ elements: Elements, _ element: (inout WireWriter, Elements.Element) -> Void
    ) {
        array(elements) { writer, value in
            element(&writer, value)
            writer.tags()
        }
    }

    /// The end of a structure: no tagged fields.
    mutating func tags() {
        if isFlexible { unsignedVarint(0) }
    }
}
