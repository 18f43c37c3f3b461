/// What a partition's score is made of.
///
/// The default is the published pseudocode: half for the customer's static partition, half for its affinity, the
/// first listed of the highest wins.
public struct RoutingWeights: Sendable, Equatable {
    /// Counts for the customer's static partition.
    public var home = 0.5
    /// Times the customer's affinity, 0 to 1.
    public var affinity = 0.5
    /// Times how near the partition is to where the request comes from, 0 (the farthest there is) to 1.
    public var proximity = 0.0
    /// Times the part of the partition's capacity that is free, 0 to 1.
    public var load = 0.0
    /// Times the share of reads that a shadow in the partition may serve for this customer's cohort, 0 to 1.
    public var shadow = 0.0
    /// Partitions whose scores are this close to the highest are as good: load decides between them. 0: the
    /// first listed of the highest wins.
    public var tieMargin = 0.0
    /// Of partitions as good, none is given more than 1 + this times the mean number of requests.
    public var loadSlack = 0.1

    /// Why weights cannot be used.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// A weight is negative, over 1,000 or no number.
        case outOfRange(String, Double)
        /// All weights are 0, so that nothing would be preferred.
        case nothing

        /// The reason, for people.
        public var description: String {
            switch self {
            case .outOfRange(let name, let value): "weight '\(name)' is \(value); 0 to 1000 can be used"
            case .nothing: "all weights are 0: one of home, affinity, proximity, load and shadow must not be"
            }
        }
    }

    /// The default.
    public init() {}

    /// Throws if a weight is out of range, or all are 0.
    public func validate() throws(Failure) {
        let terms = [
            ("home", home), ("affinity", affinity), ("proximity", proximity), ("load", load),
            ("shadow", shadow),
        ]
        for (name, value) in terms + [("tieMargin", tieMargin), ("loadSlack", loadSlack)]
        where !(0...1_000).contains(value) {
            throw .outOfRange(name, value)
        }
        if terms.allSatisfy({ $0.1 == 0 }) { throw .nothing }
    }

    /// Whether only the static partition and affinity count, as published.
    public var isPlain: Bool { proximity == 0 && load == 0 && shadow == 0 && tieMargin == 0 }
}
