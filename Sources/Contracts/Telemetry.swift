/// What `partition-telemetry` carries: how one partition did over an interval that ends at `time`.
public struct Telemetry: Sendable, Equatable {
    /// The partition measured.
    public var partition: PartitionIndex
    /// End of the interval measured.
    public var time: EventTime
    /// Reads served in the interval.
    public var reads: Int64
    /// Writes served in the interval.
    public var writes: Int64
    /// Requests that failed in the interval.
    public var errors: Int64
    /// Median latency in microseconds.
    public var latencyP50Micros: Int64
    /// 99th percentile of latency in microseconds.
    public var latencyP99Micros: Int64
    /// Share of the partition's capacity in use, in thousandths; may exceed 1,000.
    public var utilisationMilli: Int64
    /// How far copies in this partition are behind their source, in milliseconds.
    public var replicaLagMillis: Int64
    /// Records compared between copies in this partition and their sources.
    public var divergenceSampled: Int64
    /// Records of those that differed.
    public var divergenceFound: Int64

    /// Makes a measurement from its parts.
    public init(
        partition: PartitionIndex, time: EventTime, reads: Int64, writes: Int64, errors: Int64,
        latencyP50Micros: Int64, latencyP99Micros: Int64, utilisationMilli: Int64, replicaLagMillis: Int64,
        divergenceSampled: Int64, divergenceFound: Int64
    ) {
        self.partition = partition
        self.time = time
        self.reads = reads
        self.writes = writes
        self.errors = errors
        self.latencyP50Micros = latencyP50Micros
        self.latencyP99Micros = latencyP99Micros
        self.utilisationMilli = utilisationMilli
        self.replicaLagMillis = replicaLagMillis
        self.divergenceSampled = divergenceSampled
        self.divergenceFound = divergenceFound
    }
}
