/// The event time that several senders share, as far as no single one of them decides it.
///
/// It is the newest time that lay, when it was reported, at most a step ahead of what another sender had. So one sender whose clock
/// is wrong, by however much, moves it by a step at most; a sender behind the others does not move it at all. What is
/// ahead waits until another sender, or a mark, gets there.
///
/// Two exceptions keep it going where nobody else could confirm anything. The only sender that was ever heard is
/// believed. And so is one that went on alone: whose records in a row, with none of another sender between them, covered
/// `aloneMillis`, where a record counts for a sixth of that at most, so that one leap proves nothing.
///
/// The state is of constant size: the newest times of two different senders.
public struct ConfirmedClock: Sendable, Equatable {
    private struct Report: Sendable, Equatable {
        var sender: UInt64
        var time: EventTime
    }

    /// How far one sender may be ahead of all others, in milliseconds.
    public let stepMillis: Int64
    /// How much a sender must go on alone to be believed, in milliseconds.
    public let aloneMillis: Int64
    /// How far a mark may be after the newest record, in milliseconds.
    public let markStepMillis: Int64
    /// How far one that is further away is believed.
    private let windowMillis: Int64

    /// The newest report of all, and the newest one of any other sender.
    private var first: Report?
    private var second: Report?
    /// The newest mark that was taken.
    private var marked: EventTime?
    /// The sender of the newest record, its time, and how much it went on since another one's.
    private var latest = Report(sender: 0, time: .min)
    private var run: Int64 = 0

    /// The shared time; nil before anything was heard. It never goes back.
    public private(set) var time: EventTime?
    /// How many records were ahead of it when they came.
    public private(set) var heldBack: Int64 = 0

    /// How many windows after the newest record a mark may be: it closes the window that is open, and one or two after it
    /// in which nothing happened.
    public static let markWindows: Int64 = 3

    /// An hour for customers: at night some minutes lie between two of them, and what is late counts into the window that
    /// is open, so nothing is lost.
    public static let defaultStepMillis: Int64 = 3_600_000
    /// Ten minutes for telemetry: partitions report all the time, and what is late is lost.
    public static let defaultTelemetryStepMillis: Int64 = 600_000

    /// A clock that nobody has reported to, or that stands at `time` by an earlier account. A sender has gone on alone
    /// once it covered a window.
    public init(stepMillis: Int64, windowMillis: Int64, time: EventTime? = nil) {
        self.stepMillis = stepMillis
        aloneMillis = windowMillis
        self.windowMillis = windowMillis
        markStepMillis = windowMillis.multipliedReportingOverflow(by: Self.markWindows).partialValue
        self.time = time
    }

    /// A sender's record reports a time. Returns the shared time after it, which may be before `time`.
    @discardableResult
    public mutating func hear(_ time: EventTime, from sender: UInt64) -> EventTime {
        note(Report(sender: sender, time: time))
        follow(sender, time)
        let confirmed = confirmed(Report(sender: sender, time: time))
        let now = max(self.time ?? confirmed, confirmed)
        self.time = now
        if time > now { heldBack += 1 }
        return now
    }

    /// A mark says that everything before `time` has been seen. Returns how far it is believed, where the clock stands at
    /// least: all of it if `believes` says so, else up to a window after the newest record, whoever sent that.
    public mutating func mark(_ time: EventTime) -> EventTime {
        var believed = time
        if let first, !believes(mark: time) { believed = Self.sum(first.time, windowMillis) }
        marked = max(marked ?? believed, believed)
        self.time = max(self.time ?? believed, believed)
        return believed
    }

    /// Whether a mark would be believed as it is: where it is at most `markStepMillis` after the newest record or after
    /// the clock, or where no record was heard yet.
    public func believes(mark time: EventTime) -> Bool {
        guard let first else { return true }
        return time <= Self.sum(max(first.time, self.time ?? .min), markStepMillis)
    }

    /// How far the record just heard, and those before it, are confirmed: one that was ahead when it came stays so until
    /// another sender passes it.
    private func confirmed(_ report: Report) -> EventTime {
        guard let first, let second else { return report.time }
        let other = first.sender == report.sender ? second.time : first.time
        let isNear = report.time <= Self.sum(max(other, marked ?? other), stepMillis)
        let isAlone = run >= aloneMillis && latest.sender == report.sender
        return isNear || isAlone ? max(report.time, second.time) : second.time
    }

    private mutating func note(_ report: Report) {
        guard let first else { return self.first = report }
        if report.sender == first.sender {
            // A sender that was ahead and is back takes its word back.
            let isTakenBack = first.time > time ?? .max
            self.first?.time = isTakenBack ? report.time : max(first.time, report.time)
            if let second, second.time > report.time, isTakenBack {
                (self.first, self.second) = (second, self.first)
            }
        } else if report.time > first.time {
            self.first = report
            second = first
        } else if report.time > second?.time ?? .min {
            second = report
        }
    }

    private mutating func follow(_ sender: UInt64, _ time: EventTime) {
        if sender != latest.sender {
            latest = Report(sender: sender, time: time)
            run = 0
        } else if time > latest.time {
            let (gap, overflow) = time.subtractingReportingOverflow(latest.time)
            run = Self.sum(run, overflow ? aloneMillis / 6 : min(gap, aloneMillis / 6))
            latest.time = time
        }
    }

    private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? .max : sum
    }
}

/// As bytes.
extension ConfirmedClock {
    /// Writes what was heard.
    public func encode(into state: inout StateWriter) {
        for report in [first, second, latest] {
            state.write(report != nil)
            state.write(report?.sender ?? 0)
            state.write(report?.time ?? 0)
        }
        for time in [marked, time] {
            state.write(time != nil)
            state.write(time ?? 0)
        }
        state.write(run)
        state.write(heldBack)
    }

    /// Takes over what `encode` wrote; steps are this clock's own.
    public mutating func restore(_ reader: inout StateReader) throws(StateFailure) {
        first = try Self.report(&reader)
        second = try Self.report(&reader)
        latest = try Self.report(&reader) ?? Report(sender: 0, time: .min)
        marked = try Self.time(&reader)
        time = try Self.time(&reader)
        run = try reader.read(in: 0...Int64.max, "a run")
        heldBack = try reader.read(in: 0...1 << 60, "records held back")
    }

    private static func report(_ reader: inout StateReader) throws(StateFailure) -> Report? {
        let isThere: Bool = try reader.read()
        let report = Report(sender: try reader.read(), time: try reader.read())
        return isThere ? report : nil
    }

    private static func time(_ reader: inout StateReader) throws(StateFailure) -> EventTime? {
        let isThere: Bool = try reader.read()
        let time: EventTime = try reader.read()
        return isThere ? time : nil
    }
}
