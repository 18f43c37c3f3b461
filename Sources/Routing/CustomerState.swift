public import Contracts

/// What is known of one customer: its newest vector, or only its profile.
public struct CustomerState: Sendable, Equatable {
    /// One partition of the vector.
    public struct Entry: Sendable, Equatable {
        /// The partition.
        public var partition: PartitionIndex
        /// Discounted share of the coming accesses.
        public var share: ProbabilityUnits
        /// Probability of the very next access.
        public var next: ProbabilityUnits
        /// Whether the partition is high.
        public var isHigh: Bool
    }

    /// The static partition.
    public internal(set) var home: PartitionIndex
    /// Where the customer is in its life.
    public internal(set) var stage = Stage.new
    /// Counts the customer's vectors; 0 if only its profile is known.
    public internal(set) var sequence: UInt64 = 0
    /// Event time of the vector.
    public internal(set) var time: EventTime = 0
    /// Expected accesses in thousandths per day.
    public internal(set) var rateMilli: Int64 = 0
    /// Expected bytes per day.
    public internal(set) var volume: Int64 = 0
    /// The partitions that are high, or not 0 in one of the horizons, ascending.
    public internal(set) var entries: [Entry] = []

    init(home: PartitionIndex) { self.home = home }

    /// Takes over the vector that was decoded last.
    mutating func refill(from vector: borrowing VectorSummaryDecoder) {
        home = vector.home
        stage = vector.stage
        sequence = vector.sequence
        time = vector.time
        rateMilli = vector.rateMilli
        volume = vector.volume
        entries.removeAll(keepingCapacity: true)
        for (partition, units) in vector.shares { entries[place(of: partition)].share = units }
        for (partition, units) in vector.next { entries[place(of: partition)].next = units }
        for partition in vector.high { entries[place(of: partition)].isHigh = true }
    }

    private mutating func place(of partition: PartitionIndex) -> Int {
        let place = entries.firstIndex { $0.partition >= partition } ?? entries.count
        if place == entries.count || entries[place].partition != partition {
            entries.insert(Entry(partition: partition, share: 0, next: 0, isHigh: false), at: place)
        }
        return place
    }
}
