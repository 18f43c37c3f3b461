/// What became of an input.
public enum Observation: Sendable, Equatable {
    /// The access was seen before. Nothing has changed.
    case duplicate
    /// The input was applied; the vector is as good as the last published one.
    case unchanged
    /// The input was applied, and the change is to be published.
    case changed
}

/// What an engine has counted since it was made.
public struct AffinityCounters: Sendable, Equatable {
    /// Accesses applied, the late ones included.
    public internal(set) var accesses: Int64 = 0
    /// Accesses dropped because their id was among the customer's latest.
    public internal(set) var duplicates: Int64 = 0
    /// Accesses that happened before the customer's last one, by how long.
    public internal(set) var lateness = LateCounts()
    /// Accesses that happened before the customer's last one.
    public var late: Int64 { lateness.total }
    /// Customers known now.
    public internal(set) var customers: Int64 = 0
}
