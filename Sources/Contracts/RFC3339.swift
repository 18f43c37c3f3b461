/// Times as RFC 3339 writes them.
public enum RFC3339 {
    /// The instant of an RFC 3339 date-time, such as `2026-01-05T10:30:00.25+01:00`; nil if it is none.
    ///
    /// What is finer than a millisecond is cut off. A leap second, which can only be at 23:59:60 UTC, counts as
    /// the last millisecond before it.
    public static func instant(_ text: RawSpan) -> EventTime? {
        guard text.byteCount >= 20, let date = date(text), let clock = clock(text) else { return nil }
        var at = 19
        guard let fraction = fraction(text, &at), let offset = offset(text, at) else { return nil }
        let minutes = date * 1_440 + clock.minutes - offset
        if clock.second < 60 { return (minutes * 60 + clock.second) * 1_000 + fraction }
        return (minutes + 1) % 1_440 == 0 ? (minutes + 1) * 60_000 - 1 : nil
    }

    /// Days since the epoch of the date at the start.
    private static func date(_ text: RawSpan) -> Int64? {
        guard let year = number(text, 0, 4), text.byte(4) == 0x2D, let month = number(text, 5, 2),
            (1...12).contains(month), text.byte(7) == 0x2D, let day = number(text, 8, 2),
            (1...daysIn(month, of: year)).contains(day)
        else { return nil }
        return days(year, month, day)
    }

    private static func clock(_ text: RawSpan) -> (minutes: Int64, second: Int64)? {
        let separator = text.byte(10)
        guard separator | 0x20 == 0x74 || separator == 0x20, let hour = number(text, 11, 2), hour < 24,
            text.byte(13) == 0x3A, let minute = number(text, 14, 2), minute < 60,
            text.byte(16) == 0x3A, let second = number(text, 17, 2), second <= 60
        else { return nil }
        return (hour * 60 + minute, second)
    }

    /// The milliseconds of the fraction at `at`, if there is one.
    private static func fraction(_ text: RawSpan, _ at: inout Int) -> Int64? {
        guard text.byte(at) == 0x2E else { return 0 }
        at += 1
        let start = at
        var value: Int64 = 0
        var unit: Int64 = 100
        while at < text.byteCount, let digit = number(text, at, 1) {
            value += digit * unit
            unit /= 10
            at += 1
        }
        return at > start ? value : nil
    }

    /// The offset from UTC in minutes, with which the text must end.
    private static func offset(_ text: RawSpan, _ at: Int) -> Int64? {
        let rest = text.byteCount - at
        guard rest > 0 else { return nil }
        let sign = text.byte(at)
        if rest == 1, sign | 0x20 == 0x7A { return 0 }
        guard rest == 6, sign == 0x2B || sign == 0x2D, let hours = number(text, at + 1, 2), hours < 24,
            text.byte(at + 3) == 0x3A, let minutes = number(text, at + 4, 2), minutes < 60
        else { return nil }
        return (sign == 0x2B ? 1 : -1) * (hours * 60 + minutes)
    }

    private static func number(_ text: RawSpan, _ start: Int, _ digits: Int) -> Int64? {
        var value: Int64 = 0
        for at in start..<start + digits {
            let digit = text.byte(at) &- 0x30
            guard digit < 10 else { return nil }
            value = value * 10 + Int64(digit)
        }
        return value
    }

    private static func daysIn(_ month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
