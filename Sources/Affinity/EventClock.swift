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

    /// How many parts of the week `weekPart` tells apart.
    static let weekParts: UInt16 = 12

    /// The part of the week in UTC: blocks of four hours, those of weekends apart from those of weekdays.
    static func weekPart(_ time: EventTime) -> UInt8 {
        let hours = (time - windowStart(time, 7 * 86_400_000)) / 3_600_000
        // 1970 began on a Thursday.
        let isWeekend = hours / 24 == 2 || hours / 24 == 3
        return UInt8(hours % 24 / 4 + (isWeekend ? 6 : 0))
    }
}
