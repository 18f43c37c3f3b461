/// Reads what `StateWriter` wrote, and refuses what it cannot have written.
///
/// What is generic is inlinable: a call into this module for every number costs more than reading it.
public struct StateReader: ~Escapable {
    @usableFromInline let bytes: RawSpan
    @usableFromInline var at: Int

    /// Reads from the beginning.
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
        at = 0
    }

    /// Whether all was read.
    public var isAtEnd: Bool { at == bytes.byteCount }

    /// Throws unless all was read.
    public func finish() throws(StateFailure) {
        if !isAtEnd { throw .outOfRange("\(bytes.byteCount - at) bytes after its end") }
    }

    /// Reads an integer that is not negative.
    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    public mutating func read<Value: FixedWidthInteger & UnsignedInteger>() throws(StateFailure) -> Value {
        let wide = try readWide()
        guard let value = Value(exactly: wide) else { throw .outOfRange("an integer") }
        return value
    }

    /// Reads an integer.
    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    public mutating func read<Value: FixedWidthInteger & SignedInteger>() throws(StateFailure) -> Value {
        let bits = try readWide()
        let wide = Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1)
        guard let value = Value(exactly: wide) else { throw .outOfRange("an integer") }
        return value
    }

    /// Reads an integer that is in `range`, for sums that go on to be added to.
    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    public mutating func read<Value: FixedWidthInteger & SignedInteger>(
        in range: ClosedRange<Value>, _ what: StaticString
    ) throws(StateFailure) -> Value {
        let value: Value = try read()
        if !range.contains(value) { throw Self.outOfRange(what, Int64(value)) }
        return value
    }

    /// Reads an integer that is not above `limit`, for counts: what follows must be there to be read.
    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    public mutating func count(limit: Int, _ what: StaticString) throws(StateFailure) -> Int {
        let value = try readWide()
        if value > UInt64(limit) { throw Self.outOfRange(what, value) }
        return Int(truncatingIfNeeded: value)
    }

    /// Reads an integer that is not negative and below `limit`.
    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    public mutating func index<Value: FixedWidthInteger & UnsignedInteger>(
        below limit: Int, _ what: StaticString
    ) throws(StateFailure) -> Value {
        let value = try readWide()
        if value >= UInt64(limit) { throw Self.outOfRange(what, value) }
        guard let index = Value(exactly: value) else { throw Self.outOfRange(what, value) }
        return index
    }

    /// Reads a truth value.
    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    public mutating func read() throws(StateFailure) -> Bool {
        let value = try readWide()
        if value > 1 { throw Self.outOfRange("truth value", value) }
        return value == 1
    }

    /// Reads a number that must be finite.
    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    public mutating func read() throws(StateFailure) -> Float {
        let value = Float(bitPattern: UInt32(littleEndian: try read(bits: UInt32.self)))
        if !value.isFinite { throw .outOfRange("a number that is none") }
        return value
    }

    /// Reads a number that must be finite.
    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    public mutating func read() throws(StateFailure) -> Double {
        let value = Double(bitPattern: UInt64(littleEndian: try read(bits: UInt64.self)))
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

    /// Reads as many numbers as there are in `values`, none above `limit`, which `write(sparse:)` wrote.
    @_lifetime(self: copy self)
    public mutating func read(
        sparse values: inout [UInt16], upTo limit: UInt16, _ what: StaticString
    ) throws(StateFailure) {
        var target = values.mutableSpan
        let count = try count(limit: target.count, what)
        if 2 * count > target.count {
            for i in 0..<target.count { target[i] = try small(upTo: limit, what) }
            return
        }
        for i in 0..<target.count { target[i] = 0 }
        var next = 0
        for _ in 0..<count {
            let at = next + (try self.count(limit: target.count, what))
            if at >= target.count { throw .outOfRange("a place among \(target.count)") }
            target[at] = try small(upTo: limit, what)
            next = at + 1
        }
    }

    /// Reads an integer that is most often of one or two bytes.
    @inline(__always)
    @_lifetime(self: copy self)
    private mutating func small(upTo limit: UInt16, _ what: StaticString) throws(StateFailure) -> UInt16 {
        var value: UInt64
        if bytes.byteCount - at >= 2 {
            let two = UInt16(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt16.self))
            let isLong = two & 0x80 != 0
            value = UInt64(two & 0x7F) | (isLong ? UInt64(two >> 8) << 7 : 0)
            if isLong && two & 0x8000 != 0 {
                value = try readWide()
            } else {
                at += isLong ? 2 : 1
            }
        } else {
            value = try readWide()
        }
        if value > UInt64(limit) { throw Self.outOfRange(what, value) }
        return UInt16(truncatingIfNeeded: value)
    }

    /// Reads the bits of a value as they were in memory.
    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    public mutating func read<Value: BitwiseCopyable>(bits: Value.Type) throws(StateFailure) -> Value {
        let size = MemoryLayout<Value>.size
        if bytes.byteCount - at < size { throw .truncated }
        let value = bytes.unsafeLoadUnaligned(fromByteOffset: at, as: Value.self)
        at += size
        return value
    }

    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func readWide() throws(StateFailure) -> UInt64 {
        if at >= bytes.byteCount { throw .truncated }
        let first = bytes.unsafeLoad(fromByteOffset: at, as: UInt8.self)
        at += 1
        return first < 0x80 ? UInt64(first) : try readLong(first)
    }

    @usableFromInline
    @_lifetime(self: copy self)
    mutating func readLong(_ first: UInt8) throws(StateFailure) -> UInt64 {
        var result = UInt64(first & 0x7F)
        var shift: UInt64 = 7
        while true {
            if at >= bytes.byteCount { throw .truncated }
            let byte = bytes.unsafeLoad(fromByteOffset: at, as: UInt8.self)
            at += 1
            if shift == 63 && byte > 1 { throw .outOfRange("an integer") }
            result |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return result }
            shift += 7
        }
    }

    @usableFromInline
    @inline(never)
    static func outOfRange(_ what: StaticString, _ value: some FixedWidthInteger) -> StateFailure {
        .outOfRange("\(what) \(value)")
    }
}
