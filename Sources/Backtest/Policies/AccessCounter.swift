/// A copy moves when the counts of the customer's latest accesses say that it would have paid.
///
/// After Annamalai et al., "Sharding the Shards: Managing Datastore Locality at Scale with Akkio" (2018), where
/// counters of recent accesses per data centre score the places of a micro-shard.
struct AccessCounter: PlacementPolicy {
    private let partitions: Int
    private let window: Int
    private let gain: Float
    private var counts: [Float]  // customer x partition, of the window
    private var recent: [[Int32]]  // customer: a ring of its latest accesses
    private var accesses: [Int]

    /// Moves where at least `gain` more of the latest `window` accesses would have been local, and one at least.
    init(customers: Int, partitions: Int, window: Int, gain: Double) {
        self.partitions = partitions
        self.window = window
        self.gain = Float(gain)
        counts = Array(repeating: 0, count: customers * partitions)
        recent = Array(repeating: [], count: customers)
        accesses = Array(repeating: 0, count: customers)
    }

    mutating func learn(_ access: PlacedAccess) {
        let start = access.customer * partitions
        if recent[access.customer].count < window {
            recent[access.customer].append(access.partition)
        } else {
            let place = accesses[access.customer] % window
            counts[start + Int(recent[access.customer][place])] -= 1
            recent[access.customer][place] = access.partition
        }
        accesses[access.customer] += 1
        counts[start + Int(access.partition)] += 1
    }

    mutating func move(after access: PlacedAccess, _ copies: Copies) -> Move? {
        if copies.contains(access.partition) { return nil }
        let start = access.customer * partitions
        let from = copies.leastValuable { counts[start + Int($0)] }
        let held = from.map { counts[start + Int($0)] } ?? 0
        guard counts[start + Int(access.partition)] - held >= gain else { return nil }
        return Move(to: access.partition, from: from)
    }
}
