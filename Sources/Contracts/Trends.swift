/// What is summed, per home and partition, over the customers of one source topic partition.
///
/// All sums are integers, so that merging topic partitions gives the same result in any order.
public struct Flow: Sendable, Equatable {
    /// Where the customers' static partition is.
    public var home: PartitionIndex
    /// The partition their accesses are expected from.
    public var partition: PartitionIndex
    /// Customers of `home`, whatever their vectors say. The same in every flow of one home.
    public var customers: Int64
    /// Customers of `home` for whom `partition` is high.
    public var highCustomers: Int64
    /// Sum over the customers of `home` of share x expected volume, in bytes per day.
    public var anticipatedVolume: Int64
    /// Sum over the customers of `home` of share x expected accesses, in thousandths per day. Over all partitions
    /// it is what the home's customers are expected to do.
    public var anticipatedAccesses: Int64
    /// How many accesses from `partition` customers of `home` have made since the source began; not counted where
    /// the two are the same.
    public var accesses: Int64

    /// Makes a flow from its parts.
    public init(
        home: PartitionIndex, partition: PartitionIndex, customers: Int64, highCustomers: Int64,
        anticipatedVolume: Int64, anticipatedAccesses: Int64 = 0, accesses: Int64 = 0
    ) {
        self.home = home
        self.partition = partition
        self.customers = customers
        self.highCustomers = highCustomers
        self.anticipatedVolume = anticipatedVolume
        self.anticipatedAccesses = anticipatedAccesses
        self.accesses = accesses
    }
}

/// What `partition-trends` carries: the sums of one source topic partition as of the end of a window.
///
/// Holds absolute sums, and only the flows that changed since the source's last record: a consumer that
/// applies one twice is none the worse.
public struct TrendRecord: Sendable, Equatable {
    /// The topic partition of `affinity-vectors` the sums are over.
    public var source: Int32
    /// How many such sources there are.
    public var sources: Int32
    /// Start of the newest window the sums include.
    public var windowStart: EventTime
    /// End (exclusive) of that window.
    public var windowEnd: EventTime
    /// The source's sums are complete up to here: no window that ends at or before this will change.
    public var completeThrough: EventTime
    /// The source is idle: do not wait for it until it speaks again.
    public var idle: Bool
    /// The flows that changed, ordered by home, then partition.
    public var flows: [Flow]

    /// Makes a record from its parts.
    public init(
        source: Int32, sources: Int32, windowStart: EventTime, windowEnd: EventTime,
        completeThrough: EventTime, idle: Bool, flows: [Flow]
    ) {
        self.source = source
        self.sources = sources
        self.windowStart = windowStart
        self.windowEnd = windowEnd
        self.completeThrough = completeThrough
        self.idle = idle
        self.flows = flows
    }
}
