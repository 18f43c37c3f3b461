extension JSONWriter {
    /// Appends a number with at most six decimals; what is no number as null. Beyond ±9 · 10^12 digits are lost.
    public mutating func decimal(_ value: Double) {
        let scaled = (value * 1_000_000).rounded()
        guard scaled.isFinite else { return literal("null") }
        guard abs(scaled) < 9e18 else { return append("\(value)".utf8Span.span.bytes) }
        micros(Int64(scaled))
    }

    /// Appends an optional integer, or null.
    public mutating func integer(_ value: Int64?) {
        if let value { integer(value) } else { literal("null") }
    }

    /// Appends an optional number, or null.
    public mutating func decimal(_ value: Double?) {
        if let value { decimal(value) } else { literal("null") }
    }
}
