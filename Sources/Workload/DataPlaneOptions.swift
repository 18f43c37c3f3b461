public import Contracts

/// How a simulated data plane behaves.
public struct DataPlaneOptions: Sendable, Equatable {
    /// A time in which a partition is in trouble.
    public struct Outage: Sendable, Equatable {
        /// The partition.
        public var partition: PartitionIndex
        /// Its first moment.
        public var from: EventTime
        /// The first moment after it.
        public var to: EventTime
        /// Share of requests that fail.
        public var errorShare: Double
        /// How many times slower everything is.
        public var slowdown: Double

        /// Makes an outage; by default three in ten requests fail and everything takes eight times as long.
        public init(
            partition: PartitionIndex, from: EventTime, to: EventTime, errorShare: Double = 0.3,
            slowdown: Double = 8
        ) {
            self.partition = partition
            self.from = from
            self.to = to
            self.errorShare = errorShare
            self.slowdown = slowdown
        }
    }

    /// What noise and errors depend on.
    public var seed: UInt64
    /// Length of the windows in milliseconds.
    public var window: EventTime
    /// Share of requests that fail in good times.
    public var errorShare = 0.000_5
    /// Mean time to serve one request on an idle partition, in microseconds.
    public var serviceMicros = 1_500.0
    /// Time a request spends under way and on disk, whatever the load, in microseconds: at the median once,
    /// at the 99th percentile three times.
    public var pathMicros = 3_000.0
    /// Capacity as a multiple of a partition's running mean load.
    public var headroom = 4.0
    /// Requests per window that any partition can serve on top of that.
    public var spareRequests = 20.0
    /// The outages; where two overlap, the first counts.
    public var outages: [Outage] = []

    /// The defaults, with that seed and length of windows.
    public init(seed: UInt64, window: EventTime) {
        self.seed = seed
        self.window = window
    }
}
