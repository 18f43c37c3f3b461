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
    public var entries: [Entry] { (0..<list.count).map { list[$0] } }
    var list = EntryList()

    init(home: PartitionIndex) { self.home = home }

    /// Takes over the vector that was decoded last.
    mutating func refill(from vector: borrowing VectorSummaryDecoder) {
        home = vector.home
        stage = vector.stage
        sequence = vector.sequence
        time = vector.time
        rateMilli = vector.rateMilli
        volume = vector.volume
        list.removeAll()
        for (partition, units) in vector.shares { list[place(of: partition)].share = units }
        for (partition, units) in vector.next { list[place(of: partition)].next = units }
        for partition in vector.high { list[place(of: partition)].isHigh = true }
    }

    private mutating func place(of partition: PartitionIndex) -> Int {
        var place = 0
        while place < list.count, list[place].partition < partition { place += 1 }
        if place == list.count || list[place].partition != partition {
            list.insert(Entry(partition: partition, share: 0, next: 0, isHigh: false), at: place)
        }
        return place
    }
}
