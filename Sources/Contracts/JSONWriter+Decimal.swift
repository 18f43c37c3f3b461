extension JSONWriter {
    /// Appends a number with at most six decimals; what is no number as null. Beyond ±9 · 10^12 digits are lost.
    public mutating func decimal(_ value: Double) {
        let scaled = (value * 1_000_000).rounded()
        guard scaled.isFinite else { return literal("null") }
        guard abs(scaled) < 9e18 else { return append("\(value)".utf8Span.span.bytes) }
        let micros = Int64(scaled)
        if micros < 0 { literal("-") }
        let (whole, rest) = micros.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        integer(whole)
        if rest == 0 { return }
        let (high, low) = rest.quotientAndRemainder(dividingBy: 100)
        if low == 0 { return fraction(high) }
        literal(".")
        var place: UInt64 = 100_000
        var left = rest
        while left > 0 {
            integer(left / place)
            left %= place
            place /= 10
        }
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
