/// A place in memory that `JSONWriter` has reserved; whoever writes through it stays within the reservation.
struct JSONCursor {
    /// What `probability` reserves: it stores a whole word and keeps a part of it.
    static let probabilityWidth = 8

    private var next: UnsafeMutablePointer<UInt8>

    @inline(__always)
    init(_ start: UnsafeMutablePointer<UInt8>) { unsafe next = start }

    /// How many bytes were written since `start`.
    @inline(__always)
    func count(from start: UnsafeMutablePointer<UInt8>) -> Int { unsafe next - start }

    @inline(__always)
    mutating func put(_ byte: UInt8) {
        unsafe next.pointee = byte
        unsafe next += 1
    }

    @inline(__always)
    mutating func put(_ source: RawSpan) {
        let count = source.byteCount
        source.withUnsafeBytes { from in
            guard let start = from.baseAddress else { return }
            unsafe UnsafeMutableRawPointer(next).copyMemory(from: start, byteCount: count)
        }
        unsafe next += count
    }

    /// Decimal digits, as few as possible.
    @inline(__always)
    mutating func digits(_ value: UInt64) {
        let width = Self.width(value)
        var rest = value
        var at = width
        while at > 0 {
            at -= 1
            let quotient = rest / 10
            unsafe next[at] = 0x30 + UInt8(truncatingIfNeeded: rest &- quotient &* 10)
            rest = quotient
        }
        unsafe next += width
    }

    @inline(__always)
    private static func width(_ value: UInt64) -> Int {
        var width = 1
        var limit: UInt64 = 10
        while width < 20, value >= limit {
            width += 1
            limit = limit &* 10
        }
        return width
    }

    /// Ten-thousandths, at most `probabilityOne`.
    @inline(__always)
    mutating func probability(_ units: ProbabilityUnits) {
        guard units > 0, units < probabilityOne else { return put(units == 0 ? 0x30 : 0x31) }
        put(0x30)
        fraction(UInt32(units))
    }

    /// A point and one to four digits: ten-thousandths, from 1 to 9,999, without zeros at the end.
    @inline(__always)
    mutating func fraction(_ units: UInt32) {
        let high = units / 100
        let low = units &- high &* 100
        let first = high / 10
        let third = low / 10
        let digits = (first | (high &- first &* 10) << 8 | third << 16 | (low &- third &* 10) << 24)
        // The byte of the last digit that is not 0 has the highest bit that is set.
        let width = (39 - digits.leadingZeroBitCount) >> 3
        put(0x2E)
        let text = (digits | 0x3030_3030).littleEndian
        unsafe UnsafeMutableRawPointer(next).storeBytes(of: text, as: UInt32.self)
        unsafe next += width
    }

    /// A point and one to six digits: millionths, from 1 to 999,999, without zeros at the end.
    @inline(__always)
    mutating func fraction(micros: UInt64) {
        var rest = micros
        var width = 6
        while rest % 10 == 0 {
            rest /= 10
            width -= 1
        }
        put(0x2E)
        var at = width
        while at > 0 {
            at -= 1
            unsafe next[at] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        unsafe next += width
    }

    /// UTF-8 text within a string: at most six bytes for each of its bytes.
    @inline(__always)
    mutating func escaped(_ text: RawSpan) {
        if Self.isPlain(text) { return put(text) }
        for at in 0..<text.byteCount { escaped(text.byte(at)) }
    }

    @inline(__always)
    private static func isPlain(_ text: RawSpan) -> Bool {
        var isPlain = true
        for at in 0..<text.byteCount {
            let byte = text.byte(at)
            if byte < 0x20 || byte == 0x22 || byte == 0x5C { isPlain = false }
        }
        return isPlain
    }

    private mutating func escaped(_ byte: UInt8) {
        switch byte {
        case 0x22, 0x5C: escape(byte)
        case 0x08: escape(0x62)
        case 0x09: escape(0x74)
        case 0x0A: escape(0x6E)
        case 0x0C: escape(0x66)
        case 0x0D: escape(0x72)
        case 0..<0x20:
            escape(0x75)
            put(0x30)
            put(0x30)
            for digit in [byte >> 4, byte & 15] { put(digit < 10 ? 0x30 + digit : 0x57 + digit) }
        default: put(byte)
        }
    }

    private mutating func escape(_ letter: UInt8) {
        put(0x5C)
        put(letter)
    }
}
