import Affinity

/// Log probabilities in sixteen bits each: the nearest multiple of -1/4096, down to -15.9998.
///
/// The matrix of the experts' opinions is by far the most of what a training set holds. Log losses are good to
/// a few ten-thousandths this way, and an expert that gives something less than e^-16 does not deserve better.
enum LogCodes {
    static let scale: Float = 4_096
    /// 2^23: adding it rounds to an integer, which is then in the low bits.
    private static let rounder: Float = 8_388_608
    private static let rounderBits: UInt32 = 0x4B00_0000

    /// The codes of eight log probabilities; what is above 0, or is NaN, counts as 0.
    @inline(__always)
    static func encode(_ values: SIMD8<Float>) -> SIMD8<UInt16> {
        var scaled = values * -scale
        scaled = SIMD8<Float>().replacing(with: scaled, where: scaled .> 0)
        scaled.replace(with: 65_535, where: scaled .> 65_535)
        let bits = unsafeBitCast(scaled + rounder, to: SIMD8<UInt32>.self)
        return SIMD8<UInt16>(truncatingIfNeeded: bits)
    }

    /// Writes the log probabilities of `count` codes, a multiple of 8.
    @inline(__always)
    static func decode(
        _ codes: UnsafePointer<UInt16>, count: Int, to values: UnsafeMutablePointer<Float>
    ) {
        for c in stride(from: 0, to: count, by: 8) {
            let eight = UnsafeRawPointer(codes + c).loadUnaligned(as: SIMD8<UInt16>.self)
            let bits = SIMD8<UInt32>(truncatingIfNeeded: eight) | SIMD8(repeating: rounderBits)
            let value = (unsafeBitCast(bits, to: SIMD8<Float>.self) - rounder) * (-1 / scale)
            RowSums.store(value, values + c)
        }
    }
}
