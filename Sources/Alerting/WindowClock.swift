import Contracts

/// The windows of event time: of one length and aligned to 1970, as the planner cuts them. Times are kept where
/// neither a window more nor a difference of two overflows.
struct WindowClock: Sendable, Equatable {
    /// In milliseconds, above 0.
    let length: Int64

    static let near: ClosedRange<EventTime> = -(1 << 61)...(1 << 61)

    /// The number of the window that holds `time`, counted from 1970.
    func number(of time: EventTime) -> Int64 {
        let time = min(max(time, Self.near.lowerBound), Self.near.upperBound)
        let (quotient, rest) = time.quotientAndRemainder(dividingBy: length)
        return rest < 0 ? quotient - 1 : quotient
    }

    /// The last window that is over at `end`.
    func last(endingBy end: EventTime) -> Int64 { number(of: end) - 1 }

    /// When a window ends.
    func end(of number: Int64) -> EventTime { (number + 1) * length }
}
