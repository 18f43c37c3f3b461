/// A sum of products of whole numbers that are not negative, in 128 bits.
///
/// The standard library's `Int128` has all that this has, but becomes a floating-point number bit by bit.
struct WideSum: Sendable, Equatable {
    private var high: UInt64 = 0
    private var low: UInt64 = 0

    /// Adds `first` x `second`; what is negative counts as 0. The caller sees to it that the sum fits.
    @inline(__always)
    mutating func add(_ first: Int64, times second: Int64 = 1) {
        let product = UInt64(max(0, first)).multipliedFullWidth(by: UInt64(max(0, second)))
        let (sum, carry) = low.addingReportingOverflow(product.low)
        low = sum
        high = high &+ product.high &+ (carry ? 1 : 0)
    }

    /// Adds another sum.
    mutating func add(_ other: WideSum) {
        let (sum, carry) = low.addingReportingOverflow(other.low)
        low = sum
        high = high &+ other.high &+ (carry ? 1 : 0)
    }

    /// The sum, rounded.
    @inline(__always)
    var value: Double { Double(high) * 0x1p64 + Double(low) }
}
