import Contracts

/// Cuts event time into tumbling windows of one length, aligned to 1970.
///
/// Times further away than `farthest` count as `farthest`, so that no time overflows.
struct WindowGrid: Sendable, Equatable {
    /// Length of a window in milliseconds, above 0.
    let length: Int64

    static let farthest: EventTime = 1 << 61
    /// Where every time is that was made from clamped ones. Neither a window more or less nor the difference of
    /// two times overflows here.
    static let near: ClosedRange<EventTime> = -farthest - farthest / 2...farthest + farthest / 2

    /// Start of the window that holds `time`; equally, the end of the last window that ended by then.
    func start(of time: EventTime) -> EventTime {
        let time = Self.clamp(time)
        let rest = time % length
        return time - (rest < 0 ? rest + length : rest)
    }

    /// End (exclusive) of the window that holds `time`.
    func end(of time: EventTime) -> EventTime { start(of: time) + length }

    /// The first window end that is not before `time`.
    func firstEnd(notBefore time: EventTime) -> EventTime {
        let start = start(of: time)
        return start == Self.clamp(time) ? start : start + length
    }

    static func clamp(_ time: EventTime) -> EventTime { min(max(time, -farthest), farthest) }
}
