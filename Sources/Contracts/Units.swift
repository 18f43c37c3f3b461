/// Event time in milliseconds since 1970-01-01T00:00:00Z.
///
/// The only time the core knows. It comes from the records, never from a clock.
public typealias EventTime = Int64

/// A partition's place in the configured list, 0 to `PartitionMap.count` - 1.
public typealias PartitionIndex = UInt16

/// A probability in ten-thousandths: 0 to 10,000.
///
/// Vectors leave the engine in this unit, so that a published vector sums to exactly 1 and sums over
/// customers do not depend on their order.
public typealias ProbabilityUnits = UInt16

/// How many `ProbabilityUnits` make a probability of 1.
public let probabilityOne: ProbabilityUnits = 10_000
