public import Contracts

/// What a customer's vectors are made of at one moment, so that people can see why they are what they are.
///
/// The forecast of the next access is made in three steps: a mixture of the experts by their past log loss; a
/// log-linear pool of the experts and the mixture, P(k) in proportion to exp(b(k) + the sum of w(i) ln p(i, k));
/// and a calibration of the top's probability. The share is a mixture alone.
public struct Explanation: Sendable, Equatable {
    /// What one input of the pool says of the next access, and what comes of it.
    public struct Opinion: Sendable, Equatable {
        /// Who says it.
        public var expert: Expert
        /// Its weight in the mixture, 0 to 1; nil for the mixture itself.
        public var weight: Double?
        /// Its weight w(i) in the pool, of either sign.
        public var poolWeight: Double
        /// The partition it finds most likely; of equal ones the first.
        public var top: PartitionIndex
        /// The probability it gives that one.
        public var probability: Double
        /// The probability it gives the partition that the pool finds most likely.
        public var ofPoolTop: Double
        /// What it adds to the logarithm of the odds of the pool's top against the runner-up, in nats:
        /// w(i) ln(p(i, top) / p(i, runner-up)). Negative where it speaks for the runner-up.
        public var support: Double
    }

    /// What one expert says of the share.
    public struct ShareOpinion: Sendable, Equatable {
        /// Who says it.
        public var expert: ShareExpert
        /// Its weight in the mixture, 0 to 1.
        public var weight: Double
        /// The partition it gives most; of equal ones the first.
        public var top: PartitionIndex
        /// The share it gives that one.
        public var probability: Double
        /// What it brings to the customer's greatest share: its weight times what it gives that partition.
        public var part: Double
    }

    /// The customer's home.
    public var home: PartitionIndex
    /// The partition of the last access; home before any.
    public var last: PartitionIndex
    /// When the last access was; nil before any.
    public var lastTime: EventTime?
    /// Accesses so far.
    public var accesses: Int
    /// How many of the latest accesses were all at `last`.
    public var run: Int
    /// Where the customer stands in its life.
    public var stage: Stage
    /// Smoothed log loss of the forecasts of its accesses, in nats: how wrong they were of late.
    public var surprise: Double

    /// The probability of the next access, per partition; sums to 1 but for rounding.
    public var next: [Double]
    /// The discounted share of the coming accesses, per partition; sums to 1 but for rounding.
    public var share: [Double]
    /// The partitions that are high, ascending.
    public var high: [PartitionIndex]

    /// The partition the pool finds most likely; of equal ones the first.
    public var poolTop: PartitionIndex
    /// The partition it finds second; nil where there is only one.
    public var runnerUp: PartitionIndex?
    /// The probability the pool gives its top.
    public var pooled: Double
    /// What that is taken for by the calibration.
    public var calibrated: Double
    /// What the pool's biases add to the logarithm of the odds of its top against the runner-up, in nats.
    public var biasSupport: Double
    /// The inputs of the pool that there are, in the order of `Expert`.
    public var opinions: [Opinion]
    /// The experts of the share that there are, in the order of `ShareExpert`.
    public var shareOpinions: [ShareOpinion]
    /// The name of the model whose network takes part; nil without one.
    public var model: String?

    /// The partition where the next access is most likely, after calibration.
    public var mostLikely: PartitionIndex { Self.top(next) }
    /// The partition with the greatest share.
    public var greatestShare: PartitionIndex { Self.top(share) }

    static func top(_ values: some Collection<Double>) -> PartitionIndex {
        var best = (place: 0, value: -Double.infinity)
        for (k, value) in values.enumerated() where value > best.value { best = (k, value) }
        return PartitionIndex(best.place)
    }
}
