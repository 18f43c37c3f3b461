internal import Kafka

/// Waits between attempts: 100 ms, doubling up to a limit.
struct Backoff {
    private var next = 100
    private let limit: Int

    init(limitMilliseconds: Int) {
        limit = limitMilliseconds
    }

    /// Waits, in short steps, so that a stop is seen soon.
    mutating func wait(_ cluster: any Cluster, until isOver: () -> Bool) {
        let end = cluster.now + .milliseconds(next)
        next = min(limit, next * 2)
        while cluster.now < end, !isOver() { cluster.wait(.milliseconds(20)) }
    }
}
