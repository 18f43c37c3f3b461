internal import SimulatedKafka

/// Reads the fields of a record: numbers of varying length, signs interleaved ("zigzag"), and bytes after their
/// length.
struct FieldReader {
    private let bytes: [UInt8]
    /// What is not read yet.
    private(set) var rest: Range<Int>

    init(_ bytes: [UInt8], _ place: Range<Int>) {
        self.bytes = bytes
        rest = place
    }

    /// Reads a length, and from now on no more than that.
    mutating func narrow() throws(BatchError) {
        let length = Int(try varint("its length"))
        guard (0...rest.count).contains(length) else {
            throw BatchError(.invalidRecord, "its length is \(length), with \(rest.count) bytes to come")
        }
        rest = rest.lowerBound..<rest.lowerBound + length
    }

    mutating func skipByte(_ what: StaticString) throws(BatchError) { _ = try byte(what) }

    mutating func varint(_ what: StaticString) throws(BatchError) -> Int32 {
        let value = try varlong(what)
        guard let value = Int32(exactly: value) else {
            throw BatchError(.invalidRecord, "\(what) is \(value), which is no 32-bit number")
        }
        return value
    }

    mutating func varlong(_ what: StaticString) throws(BatchError) -> Int64 {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
            let byte = try byte(what)
            // The tenth byte has room for one bit.
            if shift == 63, byte > 1 { break }
            value |= UInt64(byte & 0x7f) << UInt64(shift)
            if byte & 0x80 == 0 { return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
        }
        throw BatchError(.invalidRecord, "\(what) is a number that does not end")
    }

    /// Where the bytes are; nil if they are null.
    mutating func bytes(_ what: StaticString) throws(BatchError) -> Range<Int>? {
        let length = Int(try varint(what))
        if length == -1 { return nil }
        guard (0...rest.count).contains(length) else {
            throw BatchError(
                .invalidRecord, "\(what) is of \(length) bytes, with \(rest.count) bytes to come")
        }
        let place = rest.prefix(length)
        rest = place.upperBound..<rest.upperBound
        return place
    }

    mutating func headerName() throws(BatchError) -> Range<Int> {
        guard let name = try bytes("the name of a header") else {
            throw BatchError(.invalidRecord, "a header without a name")
        }
        return name
    }

    private mutating func byte(_ what: StaticString) throws(BatchError) -> UInt8 {
        guard let at = rest.first else { throw BatchError(.invalidRecord, "it ends before \(what)") }
        rest = at + 1..<rest.upperBound
        return bytes[at]
    }
}
