internal import Foundation

/// Waits between attempts: 100 ms, doubling up to a limit.
struct Backoff {
    private var next = 100
    private let limit: Int

    init(limitMilliseconds: Int) {
        limit = limitMilliseconds
    }

    /// Waits, in short steps, so that a stop is seen soon.
    mutating func wait(until isOver: () -> Bool) {
        let end = ContinuousClock.now + .milliseconds(next)
        next = min(limit, next * 2)
        while ContinuousClock.now < end, !isOver() { Thread.sleep(forTimeInterval: 0.02) }
    }
}
