/// Logarithm and exponential in plain arithmetic: the same bits on every machine, which the mathematics library of an
/// operating system does not promise, and the fold of a log must be the same everywhere.
enum Elementary {
    private static let lnTwo = 0.693_147_180_559_945_3
    private static let lnTwoHigh = 6.931_471_803_691_238e-01
    private static let lnTwoLow = 1.908_214_929_270_587_7e-10

    /// The natural logarithm, to about 1e-15; of what is under 1e-307 it is -infinity.
    ///
    /// ln(2^e m) = e ln 2 + 2 artanh((m - 1) / (m + 1)) with m near 1, by the series of artanh.
    static func ln(_ x: Double) -> Double {
        guard x >= .leastNormalMagnitude else { return x.isNaN ? x : -.infinity }
        guard x.isFinite else { return .infinity }
        var exponent = Double(Int(truncatingIfNeeded: x.bitPattern >> 52) - 1_023)
        var m = Double(bitPattern: x.bitPattern & 0x000f_ffff_ffff_ffff | 0x3ff0_0000_0000_0000)
        if m > 1.414_213_562_373_095_1 {
            m *= 0.5
            exponent += 1
        }
        let s = (m - 1) / (m + 1)
        let q = s * s
        var sum = 1.0 / 21
        sum = sum * q + 1.0 / 19
        sum = sum * q + 1.0 / 17
        sum = sum * q + 1.0 / 15
        sum = sum * q + 1.0 / 13
        sum = sum * q + 1.0 / 11
        sum = sum * q + 1.0 / 9
        sum = sum * q + 1.0 / 7
        sum = sum * q + 1.0 / 5
        sum = sum * q + 1.0 / 3
        return exponent * lnTwo + 2 * s * (1 + q * sum)
    }

    /// e to the power of x, to about 1e-15 of it; under -700 it is 0, over 700 infinity.
    ///
    /// x = n ln 2 + r with r at most ln 2 / 2, and e^r by its series.
    static func exp(_ x: Double) -> Double {
        if x < -700 { return 0 }
        if x > 700 { return .infinity }
        if x.isNaN { return x }
        let n = (x / lnTwo).rounded()
        let r = (x - n * lnTwoHigh) - n * lnTwoLow
        var sum = 1.0 / 6_227_020_800
        sum = sum * r + 1.0 / 479_001_600
        sum = sum * r + 1.0 / 39_916_800
        sum = sum * r + 1.0 / 3_628_800
        sum = sum * r + 1.0 / 362_880
        sum = sum * r + 1.0 / 40_320
        sum = sum * r + 1.0 / 5_040
        sum = sum * r + 1.0 / 720
        sum = sum * r + 1.0 / 120
        sum = sum * r + 1.0 / 24
        sum = sum * r + 1.0 / 6
        sum = sum * r + 0.5
        return (1 + r + r * r * sum) * Double(bitPattern: UInt64(Int64(n) + 1_023) << 52)
    }

    /// ln(e^a + e^b), without leaving the range of numbers.
    static func lnSum(_ a: Double, _ b: Double) -> Double {
        let high = max(a, b)
        let low = min(a, b)
        if low == -.infinity { return high }
        return high + ln(1 + exp(low - high))
    }
}
