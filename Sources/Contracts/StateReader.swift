/// Reads what `StateWriter` wrote, and refuses what it cannot have written.
public struct StateReader: ~Escapable {
    private let bytes: RawSpan
    private var at = 0

    /// Reads from the beginning.
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) { self.bytes = bytes }

    /// Whether all was read.
    public var isAtEnd: Bool { at == bytes.byteCount }

    /// Throws unless all was read.
    public func finish() throws(StateFailure) {
        if !isAtEnd { throw .outOfRange("\(bytes.byteCount - at) bytes after its end") }
    }

    /// Reads an integer that is not negative.
    @inline(__always)
    @_lifetime(self: copy self)
    public mutating func read<Value: FixedWidthInteger & UnsignedInteger>() throws(StateFailure) -> Value {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            if at >= bytes.byteCount { throw .truncated }
            let byte = bytes.unsafeLoad(fromByteOffset: at, as: UInt8.self)
            at += 1
            if shift > 63 || (shift == 63 && byte > 1) { throw .outOfRange("an integer") }
            result |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        guard let value = Value(exactly: result) else { throw .outOfRange("an integer") }
        return value
    }

    /// Reads an integer.
    @inline(__always)
    @_lifetime(self: copy self)
    public mutating func read<Value: FixedWidthInteger & SignedInteger>() throws(StateFailure) -> Value {
        let bits: UInt64 = try read()
        let wide = Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1)
        guard let value = Value(exactly: wide) else { throw .outOfRange("an integer") }
        return value
    }

    /// Reads an integer that is not above `limit`, for counts: what follows must be there to be read.
    @_lifetime(self: copy self)
    public mutating func count(limit: Int, _ what: StaticString) throws(StateFailure) -> Int {
        let value: UInt64 = try read()
        if value > UInt64(limit) { throw .outOfRange("\(value) \(what)") }
        return Int(value)
    }

    /// Reads an integer that is not negative and below `limit`.
    @_lifetime(self: copy self)
    public mutating func index<Value: FixedWidthInteger & UnsignedInteger>(
        below limit: Int, _ what: StaticString
    ) throws(StateFailure) -> Value {
        let value: Value = try read()
        if UInt64(value) >= UInt64(limit) { throw .outOfRange("\(what) \(value)") }
        return value
    }

    /// Reads a truth value.
    @_lifetime(self: copy self)
    public mutating func read() throws(StateFailure) -> Bool {
        let value: UInt8 = try read()
        if value > 1 { throw .outOfRange("a truth value of \(value)") }
        return value == 1
    }

    /// Reads a number that must be finite.
    @inline(__always)
    @_lifetime(self: copy self)
    public mutating func read() throws(StateFailure) -> Float {
        let value = Float(bitPattern: UInt32(littleEndian: try fixed(UInt32.self)))
        if !value.isFinite { throw .outOfRange("a number that is none") }
        return value
    }

    /// Reads a number that must be finite.
    @inline(__always)
    @_lifetime(self: copy self)
    public mutating func read() throws(StateFailure) -> Double {
        let value = Double(bitPattern: UInt64(littleEndian: try fixed(UInt64.self)))
        if !value.isFinite { throw .outOfRange("a number that is none") }
        return value
    }

    /// Reads counted bytes.
    @_lifetime(self: copy self)
    public mutating func readBytes() throws(StateFailure) -> [UInt8] {
        let count = try count(limit: bytes.byteCount, "bytes")
        if count > bytes.byteCount - at { throw .truncated }
        defer { at += count }
        return bytes.extracting(at..<at + count).withUnsafeBytes { Array($0) }
    }

    /// Reads the bits of a value as they were in memory.
    @inline(__always)
    @_lifetime(self: copy self)
    public mutating func read<Value: BitwiseCopyable>(bits: Value.Type) throws(StateFailure) -> Value {
        try fixed(Value.self)
    }

    @inline(__always)
    @_lifetime(self: copy self)
    private mutating func fixed<Value: BitwiseCopyable>(_ type: Value.Type) throws(StateFailure) -> Value {
        let size = MemoryLayout<Value>.size
        if bytes.byteCount - at < size { throw .truncated }
        defer { at += size }
        return bytes.unsafeLoadUnaligned(fromByteOffset: at, as: Value.self)
    }
}
