/// What `partition-forecasts` carries: how much of a home's customers a partition has, and is expected to have, beside
/// what the planner holds both against. Keyed by `key(_:)`.
public struct PartitionForecast: Sendable, Equatable {
    /// Where the customers' data is.
    public var home: PartitionIndex
    /// The partition they turn to.
    public var partition: PartitionIndex
    /// Start of the window at whose end this was so.
    public var windowStart: EventTime
    /// Its end.
    public var windowEnd: EventTime
    /// Share of the home's customers for whom the partition is high, in thousandths.
    public var measuredMilli: Int64
    /// The share that is expected not to be exceeded nine of ten times, `leadWindows` ahead, in thousandths: what the
    /// planner goes by. What is measured, until a forecast can be trusted.
    public var expectedMilli: Int64
    /// What is measured calls for a shadow from here on, in thousandths.
    public var thresholdMilli: Int64
    /// What is expected calls for a shadow from here on, in thousandths.
    public var expectedThresholdMilli: Int64
    /// How many windows ahead is looked.
    public var leadWindows: Int64

    /// Makes it from its parts.
    public init(
        home: PartitionIndex, partition: PartitionIndex, windowStart: EventTime, windowEnd: EventTime,
        measuredMilli: Int64, expectedMilli: Int64, thresholdMilli: Int64, expectedThresholdMilli: Int64,
        leadWindows: Int64
    ) {
        self.home = home
        self.partition = partition
        self.windowStart = windowStart
        self.windowEnd = windowEnd
        self.measuredMilli = measuredMilli
        self.expectedMilli = expectedMilli
        self.thresholdMilli = thresholdMilli
        self.expectedThresholdMilli = expectedThresholdMilli
        self.leadWindows = leadWindows
    }

    /// The record's key: `HOME>PARTITION`.
    public func key(_ partitions: PartitionMap) -> String {
        "\(partitions.names[Int(home)])>\(partitions.names[Int(partition)])"
    }
}
