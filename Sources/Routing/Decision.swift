public import Contracts

/// Which partition for this customer now.
public struct Decision: Sendable, Equatable {
    /// The partition with the highest score: where the customer's data would best be.
    public var partition: PartitionIndex
    /// Where to read: a partition that has the data now.
    public var readFrom: PartitionIndex
    /// Where to write, the leading copy first.
    public var writeTo: PartitionIndex
    /// The further copies that a write must reach.
    public var alsoWriteTo: [PartitionIndex]
    /// The static partition; nil for a customer of which nothing is known.
    public var home: PartitionIndex?
    /// Whether there is a vector or a profile.
    public var isKnown: Bool
    /// The shadow of whose cohort the customer is; of several, the one that is read from or comes first.
    public var shadow: OpenShadow?
    /// Whether the customer reads from that shadow.
    public var readsShadow: Bool
}

/// How a partition's score came about.
public struct Score: Sendable, Equatable {
    /// The partition.
    public var partition: PartitionIndex
    /// For the static partition.
    public var home = 0.0
    /// For the customer's affinity.
    public var affinity = 0.0
    /// For being near.
    public var proximity = 0.0
    /// For having room.
    public var load = 0.0
    /// For a shadow that may serve.
    public var shadow = 0.0

    /// The sum of the terms, in the order in which the decision adds them.
    public var score: Double { home + affinity + proximity + load + shadow }
}
