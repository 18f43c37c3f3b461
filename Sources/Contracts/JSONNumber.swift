/// A number as it is written: significand x 10^exponent, without a detour over binary floating point.
struct JSONNumber {
    private var isNegative = false
    private var significand: UInt64 = 0
    private var exponent = 0
    /// Whether digits other than 0 were dropped because the significand was full.
    private var isCut = false

    /// Reads a number that the scanner has passed.
    @inline(__always)
    init(_ text: RawSpan, _ token: JSONToken) {
        let end = token.offset + token.count
        var at = token.offset
        if text.byte(at) == 0x2D {
            isNegative = true
            at += 1
        }
        while at < end {
            let digit = text.byte(at) &- 0x30
            guard digit < 10 else { break }
            add(digit, isFraction: false)
            at += 1
        }
        if at < end { addRest(text, at, end) }
    }

    private mutating func addRest(_ text: RawSpan, _ start: Int, _ end: Int) {
        var at = start
        if text.byte(at) == 0x2E {
            at += 1
            while at < end, text.byte(at) &- 0x30 < 10 {
                add(text.byte(at) &- 0x30, isFraction: true)
                at += 1
            }
        }
        guard at < end else { return }
        at += 1
        let isDown = text.byte(at) == 0x2D
        if isDown || text.byte(at) == 0x2B { at += 1 }
        var power = 0
        while at < end {
            power = min(power * 10 + Int(text.byte(at) &- 0x30), 1 << 40)
            at += 1
        }
        exponent += isDown ? -power : power
    }

    @inline(__always)
    private mutating func add(_ digit: UInt8, isFraction: Bool) {
        if significand < 1_000_000_000_000_000_000 {
            significand = significand &* 10 &+ UInt64(digit)
            if isFraction { exponent -= 1 }
        } else {
            if digit != 0 { isCut = true }
            if !isFraction { exponent += 1 }
        }
    }

    /// The value if it is an integer that fits, else nil.
    var integer: Int64? {
        if exponent == 0, !isCut { return signed(significand) }
        guard let (quotient, _, isExact) = scaled(by: 0), isExact else { return nil }
        return signed(quotient)
    }

    /// The value x 10^power to the nearest integer, halves away from zero; nil if that does not fit.
    func rounded(timesTenTo power: Int) -> Int64? {
        guard let (quotient, tenths, _) = scaled(by: power) else { return nil }
        return signed(quotient &+ (tenths >= 5 ? 1 : 0))
    }

    /// The digits before the point, the first one after it, and whether nothing is left after the point.
    private func scaled(by power: Int) -> (quotient: UInt64, tenths: UInt64, isExact: Bool)? {
        var quotient = significand
        var tenths: UInt64 = 0
        var isExact = !isCut
        var shift = exponent + power
        while shift > 0, quotient > 0 {
            let (product, overflow) = quotient.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            quotient = product
            shift -= 1
        }
        while shift < 0, quotient > 0 || tenths > 0 {
            if tenths > 0 { isExact = false }
            tenths = quotient % 10
            quotient /= 10
            shift += 1
        }
        return (quotient, tenths, isExact && tenths == 0)
    }

    private func signed(_ magnitude: UInt64) -> Int64? {
        guard isNegative else { return Int64(exactly: magnitude) }
        guard magnitude <= Int64.min.magnitude else { return nil }
        return Int64(truncatingIfNeeded: 0 &- magnitude)
    }
}
