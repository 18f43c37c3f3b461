import Contracts

/// Event time as text: epoch milliseconds, or RFC 3339.
enum TimeText {
    /// The time that `text` holds; nil if it is neither.
    static func parse(_ text: ArraySlice<UInt8>) -> EventTime? {
        integer(text) ?? instant(text)
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

    /// `2026-01-05T10:30:00.25+01:00`. What is finer than a millisecond is cut off.
    private static func instant(_ text: ArraySlice<UInt8>) -> EventTime? {
        var rest = text
        guard let year = number(&rest, digits: 4), take(&rest, "-"),
            let month = number(&rest, digits: 2), (1...12).contains(month), take(&rest, "-"),
            let day = number(&rest, digits: 2), (1...daysIn(month, of: year)).contains(day),
            take(&rest, "T") || take(&rest, "t") || take(&rest, " "),
            let hour = number(&rest, digits: 2), hour < 24, take(&rest, ":"),
            let minute = number(&rest, digits: 2), minute < 60, take(&rest, ":"),
            let second = number(&rest, digits: 2), second <= 60,  // 60 is a leap second
            let fraction = fraction(&rest), let offset = offset(&rest), rest.isEmpty
        else { return nil }
        let days = daysSinceEpoch(year: year, month: month, day: day)
        let minutes = (days * 24 + hour) * 60 + minute - offset
        return (minutes * 60 + second) * 1_000 + fraction
    }

    private static func fraction(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        guard take(&rest, ".") else { return 0 }
        var value: Int64 = 0
        var unit: Int64 = 100
        guard let first = rest.first, digit(first) != nil else { return nil }
        while let byte = rest.first, let digit = digit(byte) {
            value += digit * unit
            unit /= 10
            rest.removeFirst()
        }
        return value
    }

    /// The offset from UTC in minutes.
    private static func offset(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        if take(&rest, "Z") || take(&rest, "z") { return 0 }
        let isEast = take(&rest, "+")
        guard isEast || take(&rest, "-"),
            let hours = number(&rest, digits: 2), hours < 24, take(&rest, ":"),
            let minutes = number(&rest, digits: 2), minutes < 60
        else { return nil }
        return (isEast ? 1 : -1) * (hours * 60 + minutes)
    }

    private static func daysIn(_ month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    private static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func number(_ rest: inout ArraySlice<UInt8>, digits: Int) -> Int64? {
        guard rest.count >= digits else { return nil }
        var value: Int64 = 0
        for byte in rest.prefix(digits) {
            guard let digit = digit(byte) else { return nil }
            value = value * 10 + digit
        }
        rest.removeFirst(digits)
        return value
    }

    private static func take(_ rest: inout ArraySlice<UInt8>, _ wanted: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: wanted) else { return false }
        rest.removeFirst()
        return true
    }

    private static func digit(_ byte: UInt8) -> Int64? {
        byte >= 0x30 && byte <= 0x39 ? Int64(byte - 0x30) : nil
    }
}
