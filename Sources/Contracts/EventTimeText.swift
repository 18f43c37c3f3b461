/// Event time in its two written forms: epoch milliseconds, and RFC 3339.
enum EventTimeText {
    /// The end of year 9999, the last time RFC 3339 can write. Nothing later is accepted in either form.
    static let latest: EventTime = 253_402_300_799_999

    /// The time that a value stands for; nil if none, or if it is before the epoch or after `latest`.
    @inline(__always)
    static func time(_ text: RawSpan, _ token: JSONToken) -> EventTime? {
        let time: EventTime?
        switch token.kind {
        case .number: time = JSONNumber(text, token).integer
        case .string: time = RFC3339.instant(text.extracting(token.range))
        default: time = nil
        }
        guard let time, time >= 0, time <= latest else { return nil }
        return time
    }
}
