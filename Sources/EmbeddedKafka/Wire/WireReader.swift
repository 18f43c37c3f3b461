internal import NIOCore

/// Why a request cannot be read.
enum WireError: Error, Equatable {
    /// It ends before its last field.
    case tooShort
    /// A length is negative or greater than what is there.
    case badLength(Int)
    /// A text is not UTF-8.
    case badText
}

/// Reads the fields of a request in Kafka's encoding, old or flexible (KIP-482).
struct WireReader {
    private(set) var buffer: ByteBuffer
    /// Whether lengths are compact and structures end with tagged fields.
    let isFlexible: Bool

    init(_ buffer: ByteBuffer, isFlexible: Bool) {
        self.buffer = buffer
        self.isFlexible = isFlexible
    }

    // MARK: Numbers

    private mutating func integer<I: FixedWidthInteger>() throws(WireError) -> I {
        guard let value = buffer.readInteger(as: I.self) else { throw .tooShort }
        return value
    }

    mutating func int8() throws(WireError) -> Int8 { try integer() }
    mutating func int16() throws(WireError) -> Int16 { try integer() }
    mutating func int32() throws(WireError) -> Int32 { try integer() }
    mutating func int64() throws(WireError) -> Int64 { try integer() }
    mutating func bool() throws(WireError) -> Bool { try int8() != 0 }

    /// A topic's id.
    mutating func uuid() throws(WireError) -> [UInt8] {
        guard let bytes = buffer.readBytes(length: 16) else { throw .tooShort }
        return bytes
    }

    private mutating func unsignedVarint() throws(WireError) -> Int {
        var value = 0
        for shift in stride(from: 0, to: 35, by: 7) {
            let byte: UInt8 = try integer()
            value |= Int(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return value }
        }
        throw .badLength(value)
    }

    // MARK: Texts and bytes

    /// A length that is not more than what is there; nil if the value is null.
    private mutating func length(short: Bool) throws(WireError) -> Int? {
        let length =
            if isFlexible { try unsignedVarint() - 1 } else if short { Int(try int16()) } else {
                Int(try int32())
            }
        if length == -1 { return nil }
        guard (0...buffer.readableBytes).contains(length) else { throw .badLength(length) }
        return length
    }

    mutating func nullableString() throws(WireError) -> String? {
        guard let length = try length(short: true) else { return nil }
        guard let bytes = buffer.readBytes(length: length) else { throw .tooShort }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .badText }
        return text
    }

    mutating func string() throws(WireError) -> String {
        guard let text = try nullableString() else { throw .badLength(-1) }
        return text
    }

    mutating func nullableBytes() throws(WireError) -> ByteBuffer? {
        guard let length = try length(short: false) else { return nil }
        return buffer.readSlice(length: length)
    }

    mutating func bytes() throws(WireError) -> [UInt8] {
        guard let slice = try nullableBytes() else { throw .badLength(-1) }
        return Array(slice.readableBytesView)
    }

    // MARK: Arrays and structures

    /// Elements that are single values; nil if the array is null.
    mutating func nullableArray<Element>(_ element: (inout WireReader) throws(WireError) -> Element)
        throws(WireError) -> [Element]?
    {
        let count = isFlexible ? try unsignedVarint() - 1 : Int(try int32())
        if count == -1 { return nil }
        // Every element takes a byte at least, so a count is never worth more memory than was received.
        guard (0...buffer.readableBytes).contains(count) else { throw .badLength(count) }
        var elements: [Element] = []
        for _ in 0..<count { elements.append(try element(&self)) }
        return elements
    }

    mutating func array<Element>(_ element: (inout WireReader) throws(WireError) -> Element)
        throws(WireError) -> [Element]
    {
        try nullableArray(element) ?? []
    }

    /// Elements that are structures.
    mutating func structs<Element>(_ element: (inout WireReader) throws(WireError) -> Element)
        throws(WireError) -> [Element]
    {
        try nullableStructs(element) ?? []
    }

    mutating func nullableStructs<Element>(_ element: (inout WireReader) throws(WireError) -> Element)
        throws(WireError) -> [Element]?
    {
        try nullableArray { reader throws(WireError) in
            let value = try element(&reader)
            try reader.skipTags()
            return value
        }
    }

    /// Passes over the tagged fields at the end of a structure; none of them matters here.
    mutating func skipTags() throws(WireError) {
        if !isFlexible { return }
        for _ in 0..<(try unsignedVarint()) {
            _ = try unsignedVarint()
            let length = try unsignedVarint()
            guard buffer.readSlice(length: length) != nil else { throw .badLength(length) }
        }
    }
}
