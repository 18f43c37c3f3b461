/// Elementary functions of eight numbers at once, of additions and multiplications alone, so that they are the
/// same on every machine and run where nothing of the platform's library is at hand.
///
/// Each is the reduction to a small interval and the polynomial of Cephes (Moshier 1989, "Methods and Programs
/// for Mathematical Functions"; single precision), written without branches; the relative error is below 3e-7.
/// No product is fused with a sum: on processors without such an instruction that would be a call, and results
/// would differ.
public enum FloatMath {
    /// Where `exp` stops falling: the logarithm of the least normal number.
    @usableFromInline static let leastExponent: Float = -87.336_54
    /// Where `exp` stops rising, a little below the logarithm of the greatest number.
    @usableFromInline static let greatestExponent: Float = 88.376_26
    /// 1.5 x 2^23: adding it rounds to an integer, which is then in the low bits.
    @usableFromInline static let rounder: Float = 12_582_912
    /// The bits of `rounder`.
    @usableFromInline static let rounderBits: UInt32 = 0x4B40_0000

    /// e to the power of each element. Elements are cut to -87.336...88.376, so the result is never 0, never
    /// infinite and never subnormal; so is that of a NaN.
    @inlinable @inline(__always)
    public static func exp(_ x: SIMD8<Float>) -> SIMD8<Float> {
        let cut = atLeast(atMost(x, greatestExponent), leastExponent)
        let shifted = cut * 1.442_695_04 + rounder
        let power = shifted - rounder
        // ln 2 in two parts, of which the first has so few bits that its product is exact.
        let r = (cut - power * 0.693_359_375) - power * -2.121_944_4e-4
        var p = r * 1.987_569_15e-4 + 1.398_199_95e-3
        p = p * r + 8.333_452e-3
        p = p * r + 4.166_579_6e-2
        p = p * r + 1.666_666_55e-1
        p = p * r + 5.000_000_1e-1
        p = p * (r * r) + r + 1
        let bits = unsafeBitCast(shifted, to: SIMD8<UInt32>.self)
        let scale = (bits &+ SIMD8(repeating: 127 &- rounderBits)) &<< SIMD8(repeating: 23)
        return p * unsafeBitCast(scale, to: SIMD8<Float>.self)
    }

    /// The natural logarithm of each element, of which none may be infinite. What is below the least normal
    /// number, 1.18e-38, or is NaN counts as that number.
    @inlinable @inline(__always)
    public static func log(_ x: SIMD8<Float>) -> SIMD8<Float> {
        let normal = atLeast(x, Float.leastNormalMagnitude)
        // Taking off the bits of sqrt(1/2) leaves the mantissa between sqrt(1/2) and sqrt(2).
        let bits = unsafeBitCast(normal, to: SIMD8<UInt32>.self) &- SIMD8(repeating: 0x3F35_04F3)
        let power = unsafeBitCast(bits, to: SIMD8<Int32>.self) &>> SIMD8(repeating: 23)
        let mantissa = (bits & SIMD8(repeating: 0x007F_FFFF)) &+ SIMD8(repeating: 0x3F35_04F3)
        let e =
            unsafeBitCast(power &+ SIMD8(repeating: Int32(rounderBits)), to: SIMD8<Float>.self) - rounder
        let m = unsafeBitCast(mantissa, to: SIMD8<Float>.self) - 1
        let square = m * m
        // Estrin's order: shorter chains than Horner's, and the compiler leaves the vectors whole.
        let low = (m * -2.499_999_4e-1 + 3.333_333_1e-1) + square * (m * -1.666_805_8e-1 + 2.000_071_5e-1)
        let high =
            (m * -1.242_014_1e-1 + 1.424_932_3e-1) + square * (m * -1.151_461e-1 + 1.167_699_9e-1)
        let fourth = square * square
        let p = low + fourth * high + fourth * fourth * 7.037_683_6e-2
        let y = p * (m * square) + e * -2.121_944_4e-4 - square * 0.5
        return (m + y) + e * 0.693_359_375
    }

    /// 1 / (1 + e^-x) of each element.
    @inlinable @inline(__always)
    public static func sigmoid(_ x: SIMD8<Float>) -> SIMD8<Float> {
        SIMD8(repeating: 1) / (exp(-x) + 1)
    }

    /// The hyperbolic tangent of each element: for small ones an odd polynomial, since there the other formula,
    /// 1 - 2 / (e^2x + 1), is a difference of two numbers that are almost the same.
    @inlinable @inline(__always)
    public static func tanh(_ x: SIMD8<Float>) -> SIMD8<Float> {
        let square = x * x
        var p = square * -5.704_988_7e-3 + 2.063_908_9e-2
        p = p * square - 5.373_971_5e-2
        p = p * square + 1.333_144_2e-1
        p = p * square - 3.333_328_2e-1
        let small = p * square * x + x
        let large = 1 - 2 / (exp(x + x) + 1)
        return large.replacing(with: small, where: square .< 0.390_625)
    }

    /// The greater of each element and `limit`; `limit` for a NaN.
    @inlinable @inline(__always)
    static func atLeast(_ x: SIMD8<Float>, _ limit: Float) -> SIMD8<Float> {
        SIMD8(repeating: limit).replacing(with: x, where: x .> limit)
    }

    /// The lesser of each element and `limit`; `limit` for a NaN.
    @inlinable @inline(__always)
    static func atMost(_ x: SIMD8<Float>, _ limit: Float) -> SIMD8<Float> {
        SIMD8(repeating: limit).replacing(with: x, where: x .< limit)
    }
}
