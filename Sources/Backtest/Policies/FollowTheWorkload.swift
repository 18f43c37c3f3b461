import Contracts
import Glibc

/// A copy follows where most accesses come from of late: decayed counts, a threshold and a cool-down.
///
/// After Taft et al., "CockroachDB: The Resilient Geo-Distributed SQL Database" (2020), where the lease of a
/// range follows the localities of its requests. Here counts halve in a number of the customer's accesses.
struct FollowTheWorkload: PlacementPolicy {
    private let partitions: Int
    private let factor: Float
    private let ratio: Float
    private let coolDown: Int64
    private var counts: [Float]  // customer x partition
    private var lastMove: [EventTime?]

    /// Moves where the count is over `ratio` times that of the copy that would go, and over `ratio` - 1 where
    /// none has to; not within `coolDown` milliseconds of the customer's last move.
    init(customers: Int, partitions: Int, halfLife: Double, ratio: Double, coolDown: Int64) {
        self.partitions = partitions
        factor = Float(pow(0.5, 1 / halfLife))
        self.ratio = Float(ratio)
        self.coolDown = coolDown
        counts = Array(repeating: 0, count: customers * partitions)
        lastMove = Array(repeating: nil, count: customers)
    }

    mutating func learn(_ access: PlacedAccess) {
        let start = access.customer * partitions
        for place in start..<start + partitions { counts[place] *= factor }
        counts[start + Int(access.partition)] += 1
    }

    mutating func move(after access: PlacedAccess, _ copies: Copies) -> Move? {
        if copies.contains(access.partition) { return nil }
        if let last = lastMove[access.customer], access.time - last < coolDown { return nil }
        let start = access.customer * partitions
        let from = copies.leastValuable { counts[start + Int($0)] }
        let limit = from.map { counts[start + Int($0)] * ratio } ?? ratio - 1
        guard counts[start + Int(access.partition)] > limit else { return nil }
        lastMove[access.customer] = access.time
        return Move(to: access.partition, from: from)
    }
}
