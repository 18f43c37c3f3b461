public import Contracts

/// What the trend aggregator needs of one vector change.
///
/// Make one and refill it for every record: its arrays keep their storage, so nothing is allocated per event.
public struct VectorUpdate: Sendable, Equatable {
    /// How much of a customer's coming accesses one partition is expected to take.
    public struct Share: Sendable, Equatable {
        /// The partition.
        public var partition: PartitionIndex
        /// Its share.
        public var share: ProbabilityUnits

        /// Makes a share from its parts.
        public init(partition: PartitionIndex, share: ProbabilityUnits) {
            self.partition = partition
            self.share = share
        }
    }

    /// Counts the customer's changes; rises.
    public var sequence: UInt64 = 0
    /// Event time of the change.
    public var time: EventTime = 0
    /// The customer's static partition.
    public var home: PartitionIndex = 0
    /// Where the access came from that brought the change about; nil if it was none.
    public var access: PartitionIndex?
    /// The partitions that are high, each once.
    public var high: [PartitionIndex] = []
    /// The shares above 0, each partition once.
    public var shares: [Share] = []
    /// Expected accesses in thousandths per day.
    public var rateMilli: Int64 = 0
    /// Expected bytes per day.
    public var volume: Int64 = 0
    /// Whether the customer is dormant: it counts for nothing, not even as a customer of its home, so that
    /// those who left do not hide what those who are there do.
    public var isDormant = false

    /// An empty buffer.
    public init() {}

    /// Refills the buffer from a whole vector change.
    public mutating func refill(from change: borrowing VectorChange) {
        sequence = change.sequence
        time = change.time
        home = change.home
        access = change.access
        rateMilli = change.after.rateMilli
        volume = change.after.volume
        isDormant = change.stage == .dormant
        high.removeAll(keepingCapacity: true)
        for partition in change.after.high { high.append(partition) }
        shares.removeAll(keepingCapacity: true)
        for (partition, share) in change.after.share.enumerated() where share > 0 {
            shares.append(Share(partition: PartitionIndex(partition), share: share))
        }
    }
}
