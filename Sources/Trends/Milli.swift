/// Integer arithmetic in thousandths that neither traps nor wraps on hostile figures.
enum Milli {
    /// `value` in thousandths, at most the largest number there is.
    static func of(_ value: Int64) -> Int64 {
        let (product, overflow) = value.multipliedReportingOverflow(by: 1_000)
        return overflow ? (value < 0 ? .min : .max) : product
    }

    /// `value` in thousandths, rounded, at most the largest number there is. It is at least 0.
    static func rounded(_ value: Double) -> Int64 {
        let milli = (value * 1_000).rounded()
        return milli < 9e18 ? Int64(milli) : .max
    }

    /// `part` / `whole` in thousandths, 0 to 1,000, rounded down: reaches a threshold if the ratio does.
    static func share(_ part: Int64, of whole: Int64) -> Int64 {
        if part <= 0 || whole <= 0 { return 0 }
        if part >= whole { return 1_000 }
        return whole.dividingFullWidth(part.multipliedFullWidth(by: 1_000)).quotient
    }

    /// `part` / `whole` in thousandths, 0 to 1,000, rounded up: exceeds a limit exactly if the ratio does.
    static func rate(_ part: Int64, of whole: Int64) -> Int64 {
        if part <= 0 || whole <= 0 { return 0 }
        if part >= whole { return 1_000 }
        let (quotient, rest) = whole.dividingFullWidth(part.multipliedFullWidth(by: 1_000))
        return rest == 0 ? quotient : quotient + 1
    }

    /// `value` x `factor` thousandths, both at least 0, rounded down and at most the largest number there is.
    static func scaled(_ value: Int64, by factor: Int64) -> Int64 {
        let product = value.multipliedFullWidth(by: factor)
        if product.high >= 500 { return .max }
        return Int64(1_000).dividingFullWidth(product).quotient
    }

    /// The sum, at most the largest number there is. Both are at least 0.
    static func sum(_ first: Int64, _ second: Int64) -> Int64 {
        let (sum, overflow) = first.addingReportingOverflow(second)
        return overflow ? .max : sum
    }
}
