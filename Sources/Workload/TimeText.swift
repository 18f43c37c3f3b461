import Contracts

/// Event time as text: epoch milliseconds, or RFC 3339.
enum TimeText {
    /// The time that `text` holds; nil if it is neither.
    static func parse(_ text: ArraySlice<UInt8>) -> EventTime? {
        integer(text) ?? RFC3339.instant(text.span.bytes)
    }

    /// Decimal digits with an optional minus; nil on anything else and on overflow.
    static func integer(_ text: ArraySlice<UInt8>) -> Int64? {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = isNegative ? text.dropFirst() : text
        guard !digits.isEmpty, digits.count <= 18 else { return nil }
        var value: Int64 = 0
        for byte in digits {
            guard let digit = digit(byte) else { return nil }
            value = value * 10 + digit
        }
        return isNegative ? -value : value
    }

    private static func digit(_ byte: UInt8) -> Int64? {
        let digit = byte &- UInt8(ascii: "0")
        return digit < 10 ? Int64(digit) : nil
    }
}
