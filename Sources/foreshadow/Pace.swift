import Contracts
import Foundation

/// When the next record may go out: at a number of records a second, at a multiple of event time, or at once.
struct Pace {
    enum Rule: Sendable, Equatable {
        case unlimited
        case recordsPerSecond(Double)
        /// 3,600 plays an hour of events in a second.
        case timesEventTime(Double)
    }

    private let rule: Rule
    private let started = ContinuousClock.now
    private var records = 0.0
    private var firstTime: EventTime?

    init(_ rule: Rule) {
        self.rule = rule
    }

    /// Sleeps on this thread until a record of that time may go out. `beforeSleep` sends what waits.
    mutating func wait<Failure: Error>(
        for time: EventTime?, beforeSleep: () throws(Failure) -> Void
    ) throws(Failure) {
        records += 1
        let due: Double
        switch rule {
        case .unlimited: return
        case .recordsPerSecond(let rate): due = records / rate
        case .timesEventTime(let speed):
            guard let time else { return }
            let first = firstTime ?? time
            firstTime = first
            due = Double(time - first) / 1_000 / speed
        }
        let elapsed = (ContinuousClock.now - started) / .seconds(1)
        // Short sleeps are inexact; being a few milliseconds early is better than a sleep per record.
        if due - elapsed > 0.005 {
            try beforeSleep()
            Thread.sleep(forTimeInterval: due - elapsed)
        }
    }
}
