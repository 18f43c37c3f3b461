import Contracts

/// Integer arithmetic that neither traps nor wraps on hostile figures, and amounts as text.
enum Amount {
    /// The sum, at most the largest number there is.
    static func sum(_ first: Int64, _ second: Int64) -> Int64 {
        let (sum, overflow) = first.addingReportingOverflow(second)
        return overflow ? (second < 0 ? .min : .max) : sum
    }

    /// The product, at most the largest number there is.
    static func product(_ first: Int64, _ second: Int64) -> Int64 {
        let (product, overflow) = first.multipliedReportingOverflow(by: second)
        return overflow ? ((first < 0) == (second < 0) ? .max : .min) : product
    }

    /// `value` in thousandths.
    static func milli(_ value: Int64) -> Int64 { product(value, 1_000) }

    /// A number that is finite, rounded, in thousandths.
    static func milli(_ value: Double) -> Int64 { whole((value * 1_000).rounded()) }

    /// A number that is finite, without its fraction; at most the largest integer there is.
    static func whole(_ value: Double) -> Int64 {
        value.magnitude < 9e18 ? Int64(value) : (value < 0 ? .min : .max)
    }

    /// Thousandths as the shortest decimal.
    static func text(milli value: Int64) -> String {
        var writer = JSONWriter()
        writer.milli(value)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// A part of 1 in thousandths, as per cent.
    static func percent(milli value: Int64) -> String { text(milli: product(value, 100)) + " %" }
}
