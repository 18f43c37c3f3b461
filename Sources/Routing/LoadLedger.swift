internal import Contracts

/// Spreads requests over partitions that are as good, so that none is given more than its bound.
///
/// A customer's partitions are ranked by rendezvous hashing (Thaler and Ravishankar, "Using name-based mappings to
/// increase hit rates", 1998), so that another partition in the list takes customers from the others and moves
/// nobody else. The first of the ranking serves while it is within 1 + slack times the mean (Mirrokni, Thorup and
/// Zadimoghaddam, "Consistent hashing with bounded loads", 2018); else the less loaded of the next two that are
/// (Mitzenmacher, "The power of two choices in randomized load balancing", 2001).
struct LoadLedger: Sendable {
    private var counts: [Int]
    private var total = 0
    private let seeds: [UInt64]  // by partition, from its name
    private var ranks: [(rank: UInt64, partition: Int)] = []

    /// Counts are halved when they reach this many per partition, so that what was long ago weighs less.
    private static let window = 1 << 16

    init(_ partitions: PartitionMap) {
        counts = Array(repeating: 0, count: partitions.count)
        seeds = partitions.names.map { ByteHash.hash($0.utf8Span.span.bytes) }
    }

    /// Notes that a partition serves a request.
    mutating func record(_ partition: Int) {
        counts[partition] += 1
        total += 1
        if total < counts.count * Self.window { return }
        total = 0
        for place in counts.indices {
            counts[place] /= 2
            total += counts[place]
        }
    }

    /// One of the partitions that `isGood` lets through; there must be one.
    mutating func choose(hash: UInt64, slack: Double, _ isGood: (Int) -> Bool) -> Int {
        ranks.removeAll(keepingCapacity: true)
        for partition in counts.indices where isGood(partition) {
            ranks.append((ByteHash.finish(hash ^ seeds[partition]), partition))
        }
        let bound = bound(slack: slack)
        guard let first = takeHighest() else { return 0 }
        if Double(counts[first] + 1) <= bound { return first }
        var least = first
        while let one = takeHighest() {
            let other = takeHighest() ?? one
            let better = counts[other] < counts[one] ? other : one
            if Double(counts[better] + 1) <= bound { return better }
            if counts[better] < counts[least] { least = better }
        }
        return least
    }

    /// Of few requests, two standard deviations over the mean are chance, not load.
    private func bound(slack: Double) -> Double {
        let mean = Double(total + 1) / Double(counts.count)
        return mean + max(slack * mean, 2 * mean.squareRoot())
    }

    /// The highest of the ranking that is left.
    private mutating func takeHighest() -> Int? {
        guard var best = ranks.indices.first else { return nil }
        for place in ranks.indices where ranks[place].rank > ranks[best].rank { best = place }
        let partition = ranks[best].partition
        ranks.swapAt(best, ranks.count - 1)
        ranks.removeLast()
        return partition
    }
}
