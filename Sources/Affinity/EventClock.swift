import Contracts

/// Sums on event time that cannot overflow.
enum EventClock {
    /// Times beyond this (about the year 71,000, before and after) count as this.
    static let limit: EventTime = 1 << 51

    /// The time, within the limits.
    @inline(__always)
    static func clamp(_ time: EventTime) -> EventTime { min(max(time, -limit), limit) }

    /// The start of the window of that length which `time` is in. Windows are aligned to 1970.
    static func windowStart(_ time: EventTime, _ millis: Int64) -> EventTime {
        let rest = time % millis
        return rest < 0 ? time - rest - millis : time - rest
    }

    /// The hour of the week in UTC, 0 to 167, counted from Thursday 00:00, because 1970 began on one.
    static func hourOfWeek(_ time: EventTime) -> UInt16 {
        let week: Int64 = 168 * 3_600_000
        return UInt16(truncatingIfNeeded: (time - windowStart(time, week)) / 3_600_000)
    }
}
