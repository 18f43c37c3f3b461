/// Where a customer stands in its life, by its own rhythm.
public enum Stage: UInt8, Sendable, CaseIterable {
    /// Too few accesses to know a rhythm.
    case new
    /// Comes as often as it used to.
    case active
    /// Silent for longer than its rhythm explains.
    case churnRisk
    /// Silent for so long that no access is expected.
    case dormant

    /// The word on the wire.
    public var name: StaticString {
        switch self {
        case .new: "new"
        case .active: "active"
        case .churnRisk: "churn-risk"
        case .dormant: "dormant"
        }
    }
}

/// A customer's affinity at one moment, as it is published.
public struct AffinityVector: Sendable, Equatable {
    /// Probability of the very next access per partition; sums to `probabilityOne`.
    public var next: [ProbabilityUnits]
    /// Discounted share of the coming accesses per partition; sums to `probabilityOne`.
    public var share: [ProbabilityUnits]
    /// The partitions that are high, ascending.
    public var high: [PartitionIndex]
    /// Expected accesses in thousandths per day.
    public var rateMilli: Int64
    /// Expected bytes per day.
    public var volume: Int64

    /// An all-zero vector over `partitions` partitions: a buffer to be filled.
    public init(partitions: Int) {
        next = Array(repeating: 0, count: partitions)
        share = Array(repeating: 0, count: partitions)
        high = []
        rateMilli = 0
        volume = 0
    }
}

/// What `affinity-vectors` carries: one customer's vector before and after.
///
/// Made once per worker and refilled for every event, so that the hot path does not allocate.
public struct VectorChange: Sendable, Equatable {
    /// Counts this customer's published changes from 1.
    public var sequence: UInt64 = 0
    /// Event time of the cause.
    public var time: EventTime = 0
    /// The customer's static partition.
    public var home: PartitionIndex = 0
    /// Where the access came from that brought the change about; nil if it was none.
    public var access: PartitionIndex?
    /// The customer's life-cycle stage after the cause.
    public var stage: Stage = .new
    /// Whether `before` holds something: false for a customer's first change.
    public var hasBefore = false
    /// The last published vector.
    public var before: AffinityVector
    /// The new vector.
    public var after: AffinityVector

    /// An empty buffer for vectors over `partitions` partitions.
    public init(partitions: Int) {
        before = AffinityVector(partitions: partitions)
        after = AffinityVector(partitions: partitions)
    }
}

/// The record of an input topic that brought something about.
public struct Cause: Sendable, Equatable {
    /// The topic.
    public var topic: String
    /// The topic partition.
    public var topicPartition: Int32
    /// The offset in it.
    public var offset: Int64

    /// Names a record.
    public init(topic: String, topicPartition: Int32, offset: Int64) {
        self.topic = topic
        self.topicPartition = topicPartition
        self.offset = offset
    }
}
