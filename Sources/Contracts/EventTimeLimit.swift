/// How far event time may be ahead of a clock that its sender does not own.
///
/// The one check for every input that carries event time: interactions, telemetry, orders, outcomes, exposures and
/// marks. The other clock is the record's time stamp, which is the broker's where the topic has
/// `message.timestamp.type=LogAppendTime`; with `CreateTime` it is the sender's own, and the check says nothing.
public struct EventTimeLimit: Sendable, Equatable {
    /// How far event time may be after the record's time stamp, in milliseconds, from 0 on.
    public var toleranceMillis: Int64

    /// Ten minutes: far beyond what clocks that are kept by NTP differ by, and a sixth of the usual window, so that the
    /// worst sender that passes closes a window ten minutes early.
    public static let defaultToleranceMillis: Int64 = 600_000

    /// A limit.
    public init(toleranceMillis: Int64 = defaultToleranceMillis) {
        self.toleranceMillis = toleranceMillis
    }

    /// Throws `future-time` if `time` is further after `published`, the record's time stamp, than is tolerated. A record
    /// without time stamp passes.
    @inline(__always)
    public func check(
        _ time: EventTime, published: EventTime?, _ what: StaticString = "time"
    ) throws(Rejection) {
        guard let published else { return }
        let (latest, overflow) = published.addingReportingOverflow(toleranceMillis)
        if !overflow, time > latest { throw rejection(time, published, what) }
    }

    private func rejection(_ time: EventTime, _ published: EventTime, _ what: StaticString) -> Rejection {
        Rejection(
            .futureTime,
            "\(what) \(time) is after the record's time stamp \(published) by more than \(toleranceMillis) ms "
                + "(limits.futureToleranceMillis)")
    }
}
