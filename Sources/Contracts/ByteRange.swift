/// A part of a record's bytes.
public struct ByteRange: Sendable, Equatable {
    /// Where it starts.
    public var offset: Int
    /// How many bytes it has.
    public var count: Int

    /// Makes a range from its parts.
    @inlinable
    public init(offset: Int, count: Int) {
        self.offset = offset
        self.count = count
    }
}

extension RawSpan {
    /// The bytes of `range`, which must lie within this span.
    @inlinable
    @_lifetime(copy self)
    public func extracting(_ range: ByteRange) -> RawSpan {
        extracting(range.offset..<range.offset + range.count)
    }

    /// The bytes of `range`, or nil if there is no range.
    @inlinable
    @_lifetime(copy self)
    public func extracting(_ range: ByteRange?) -> RawSpan? {
        guard let range else { return nil }
        return extracting(range)
    }

    /// The byte at `offset`, which the caller has checked against `byteCount`.
    @inlinable @inline(__always)
    func byte(_ offset: Int) -> UInt8 {
        unsafe unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
    }

    /// The eight bytes from `offset` on, the first in the lowest bits; the caller has checked that all exist.
    @inlinable @inline(__always)
    func word(_ offset: Int) -> UInt64 {
        UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// The bytes as an array, to be kept.
    @inlinable
    public func copied() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            for i in 0..<byteCount { unsafe buffer[i] = byte(i) }
            count = byteCount
        }
    }

    /// Whether the bytes are those of `other`.
    @inlinable
    public func equals(_ other: [UInt8]) -> Bool { equals(other.span.bytes) }

    /// Whether the bytes are those of `other`.
    @inlinable @inline(__always)
    public func equals(_ other: RawSpan) -> Bool {
        let count = byteCount
        guard count == other.byteCount else { return false }
        var at = 0
        while at + 8 <= count {
            if word(at) != other.word(at) { return false }
            at += 8
        }
        while at < count {
            if byte(at) != other.byte(at) { return false }
            at += 1
        }
        return true
    }

    /// Whether the bytes are those of `text`.
    func equals(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { equals(unsafe RawSpan(_unsafeElements: $0)) }
    }
}
