/// A key that is compared by words: up to 23 bytes lie in place, longer ones behind a reference.
@frozen @usableFromInline
struct PackedKey: Sendable {
    /// The bytes, the first in the lowest bits, and their number in the last byte; of a long key 255 there.
    @usableFromInline let low: UInt64
    @usableFromInline let middle: UInt64
    @usableFromInline let high: UInt64
    @usableFromInline let long: [UInt8]?

    @usableFromInline static let inPlaceMax = 23

    /// With `keeping`, holds all bytes of a long key; else it is only good for looking one up.
    @inlinable @inline(__always)
    init(_ key: RawSpan, keeping: Bool) {
        let count = key.byteCount
        if count > Self.inPlaceMax {
            (low, middle, high) = (0, 0, 255 << 56)
            long = keeping ? key.copied() : nil
            return
        }
        low = Self.word(key, at: 0)
        middle = Self.word(key, at: 8)
        high = Self.word(key, at: 16) | UInt64(count) << 56
        long = nil
    }

    /// The bytes from `start` on that there are, at most eight.
    @inlinable @inline(__always)
    static func word(_ key: RawSpan, at start: Int) -> UInt64 {
        let count = key.byteCount - start
        if count >= 8 { return key.word(start) }
        var word: UInt64 = 0
        var place = 0
        while place < count {
            word |= UInt64(key.byte(start + place)) << UInt64(place * 8)
            place += 1
        }
        return word
    }

    /// Whether this is `other`, whose bytes are `key`.
    @inlinable @inline(__always)
    func equals(_ other: borrowing PackedKey, _ key: RawSpan) -> Bool {
        if low != other.low || middle != other.middle || high != other.high { return false }
        guard let long else { return true }
        return key.equals(long)
    }

    /// The bytes.
    @inlinable
    var bytes: [UInt8] {
        if let long { return long }
        let words = [low, middle, high]
        return (0..<Int(high >> 56)).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> UInt64($0 % 8 * 8)) }
    }
}
