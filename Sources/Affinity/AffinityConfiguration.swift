public import Contracts

/// The numbers the affinity engine works with. The defaults suit interaction streams of minutes to weeks.
public struct AffinityConfiguration: Sendable, Equatable {
    /// Half-life, in accesses, of the shortest memory of where a customer was.
    public var halfLifeShort = 5
    /// Half-life, in accesses, of the medium memory.
    public var halfLifeMedium = 20
    /// Half-life, in accesses, of the longest memory.
    public var halfLifeLong = 50
    /// Half-life, in milliseconds of event time, of the memory that fades by time.
    public var halfLifeMillis: Int64 = 14 * 86_400_000
    /// Half-life, in accesses of all customers, of the frequencies of late.
    public var recentHalfLife = 350
    /// How many accesses' worth of global frequencies smooth a customer's decayed counts.
    public var globalBackoff = 2.0
    /// How many accesses' worth of the coarser prediction smooth a transition row or an hour's row.
    public var rowBackoff = 3.0
    /// Half-life, in accesses from the same context, of transition rows and hours' rows.
    public var rowHalfLife = 50
    /// What the experts `home` and `last` leave for each other partition.
    public var pointFloor = 0.001
    /// Part of the weights of `next` that is dealt out anew at each access (fixed share).
    public var nextFixedShare = 0.02
    /// Part of the weights of `share` that is dealt out anew at each access.
    public var shareFixedShare = 0.005
    /// The learning rate of `share` is 1 halved this often.
    public var shareRateHalvings = 2
    /// Part of the starting weights that stays uniform, whatever the population's weights are.
    public var priorFloor = 0.05
    /// Half-life, in accesses of all customers, of the population's weights.
    public var priorHalfLife = 3_000
    /// The learning rate of the pool of experts and mixture; 0: the mixture alone.
    public var poolRate = 0.02
    /// From how many accesses the pool learns before it begins to take samples, and then at each doubling.
    public var poolSamples = 20_000
    /// At least one access in so many is a sample.
    public var poolSampling = 16
    /// Whether forecasts are made for the time of the access that comes, as by a service that is asked then.
    public var isTimeKnown = false
    /// How many counts all contexts of a topic partition may take up; 8 bytes each.
    public var contextCells = 1 << 20
    /// Length of a window, in milliseconds of event time. Must be that of the trend aggregator.
    public var windowMillis: Int64 = 3_600_000
    /// The most transitions (from, to) kept of one customer.
    public var transitionsMax = 32
    /// The most pairs (kind, region and domain; partition) kept of one customer.
    public var contextsMax = 32
    /// The most pairs (part of the week, partition) kept of one customer.
    public var hoursMax = 32
    /// How many of a customer's latest interactions are remembered for dropping duplicates.
    public var recentIdsMax = 16
    /// A partition becomes high when its share exceeds this. At least 0.5, so that only the top can.
    public var highEnter = 0.6
    /// A high partition stays high until its share is under this.
    public var highLeave = 0.4
    /// A customer with fewer accesses is new.
    public var newAccesses = 5
    /// Weight of the latest gap in the exponential mean of gaps between accesses; the same for bytes.
    public var gapSmoothing = 0.2
    /// A gap assumed of a customer with one access, in milliseconds.
    public var firstGapMillis: Int64 = 86_400_000
    /// A rhythm faster than this counts as this, when silence is judged; in milliseconds.
    public var gapFloorMillis: Int64 = 28_800_000
    /// Silence of more than this many gaps is a churn risk.
    public var churnGaps = 3.0
    /// Silence of more than this many gaps is dormancy.
    public var dormantGaps = 10.0
    /// Silence of more than this is dormancy, whatever the rhythm; in milliseconds.
    public var silenceMaxMillis: Int64 = 90 * 86_400_000
    /// A vector is published when `next` or `share` is further than this (total variation) from the last one.
    public var publishDistance = 0.05
    /// Entries under this are left out of published vectors. Lowered to half of the uniform probability
    /// where there are so many partitions that it would be below it.
    public var publishFloor: ProbabilityUnits = 10

    /// The defaults.
    public init() {}
}

extension AffinityConfiguration {
    /// Why a configuration cannot be used.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// The number called `name` is outside of its range. Set it to one of the range.
        case outOfRange(name: String, range: String)

        /// The reason, for people.
        public var description: String {
            switch self {
            case .outOfRange(let name, let range): "affinity: \(name) must be \(range)"
            }
        }
    }

    /// Checks every number against its range.
    public func validate() throws(Failure) {
        try validateExperts()
        try validateBounds()
        try validateLifeCycle()
    }

    private func validateExperts() throws(Failure) {
        try check((1...1_000).contains(halfLifeShort), "halfLifeShort", "1 to 1,000")
        try check(
            (halfLifeShort...10_000).contains(halfLifeMedium), "halfLifeMedium", "halfLifeShort to 10,000")
        try check(
            (halfLifeMedium...100_000).contains(halfLifeLong), "halfLifeLong", "halfLifeMedium to 100,000")
        let year: Int64 = 366 * 86_400_000
        try check((1...10 * year).contains(halfLifeMillis), "halfLifeMillis", "1 to ten years")
        try check((1...10_000_000).contains(recentHalfLife), "recentHalfLife", "1 to 10,000,000")
        try check((1...10_000_000).contains(priorHalfLife), "priorHalfLife", "1 to 10,000,000")
        try check((0...1).contains(poolRate), "poolRate", "0 to 1")
        try check((1...100_000).contains(rowHalfLife), "rowHalfLife", "1 to 100,000")
        try check((0.01...1_000).contains(globalBackoff), "globalBackoff", "0.01 to 1,000")
        try check((0.01...1_000).contains(rowBackoff), "rowBackoff", "0.01 to 1,000")
        try check((0.000_001...0.1).contains(pointFloor), "pointFloor", "0.000001 to 0.1")
        try check((0.000_1...0.5).contains(nextFixedShare), "nextFixedShare", "0.0001 to 0.5")
        try check((0.000_1...0.5).contains(shareFixedShare), "shareFixedShare", "0.0001 to 0.5")
        try check((0...6).contains(shareRateHalvings), "shareRateHalvings", "0 to 6")
        try check((0.01...1).contains(priorFloor), "priorFloor", "0.01 to 1")
    }

    private func validateBounds() throws(Failure) {
        try check((1_000...31 * 86_400_000).contains(windowMillis), "windowMillis", "1 second to 31 days")
        try check((1...4_096).contains(transitionsMax), "transitionsMax", "1 to 4,096")
        try check((1...4_096).contains(contextsMax), "contextsMax", "1 to 4,096")
        try check((1...1 << 30).contains(poolSamples), "poolSamples", "1 to 1,073,741,824")
        try check((1_024...1 << 28).contains(contextCells), "contextCells", "1,024 to 268,435,456")
        try check((1...4_096).contains(hoursMax), "hoursMax", "1 to 4,096")
        try check((1...1_024).contains(recentIdsMax), "recentIdsMax", "1 to 1,024")
        try check((0...1).contains(publishDistance), "publishDistance", "0 to 1")
        try check((0...1_000).contains(publishFloor), "publishFloor", "0 to 1,000")
    }

    private func validateLifeCycle() throws(Failure) {
        try check((0.5...1).contains(highEnter), "highEnter", "0.5 to 1")
        try check((0.01...highEnter).contains(highLeave), "highLeave", "0.01 to highEnter")
        try check((1...1_000).contains(newAccesses), "newAccesses", "1 to 1,000")
        try check((0.001...1).contains(gapSmoothing), "gapSmoothing", "0.001 to 1")
        let year: Int64 = 366 * 86_400_000
        try check((1...year).contains(firstGapMillis), "firstGapMillis", "1 to a year")
        try check((1...year).contains(gapFloorMillis), "gapFloorMillis", "1 to a year")
        try check((1...1_000).contains(churnGaps), "churnGaps", "1 to 1,000")
        try check((churnGaps...10_000).contains(dormantGaps), "dormantGaps", "churnGaps to 10,000")
        try check((1...10 * year).contains(silenceMaxMillis), "silenceMaxMillis", "1 to ten years")
    }

    private func check(_ holds: Bool, _ name: String, _ range: String) throws(Failure) {
        if !holds { throw .outOfRange(name: name, range: range) }
    }
}
