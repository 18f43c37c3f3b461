/// Data stays at its home: the partition of the customer's first access.
struct StaticPlacement: PlacementPolicy {
    mutating func learn(_ access: PlacedAccess) {}
    mutating func move(after access: PlacedAccess, _ copies: Copies) -> Move? { nil }
}

/// A copy goes where the last remote access came from, in the place of the copy read longest ago.
struct LastPlacement: PlacementPolicy {
    private let partitions: Int
    private var lastRead: [Int32]  // customer x partition: the place of the last access in the trace, from 1

    init(customers: Int, partitions: Int) {
        self.partitions = partitions
        lastRead = Array(repeating: 0, count: customers * partitions)
    }

    mutating func learn(_ access: PlacedAccess) {
        lastRead[access.customer * partitions + Int(access.partition)] = Int32(access.index + 1)
    }

    mutating func move(after access: PlacedAccess, _ copies: Copies) -> Move? {
        if copies.contains(access.partition) { return nil }
        let start = access.customer * partitions
        // Compared exactly: places in a trace are beyond what a Float holds.
        let others = [copies.first, copies.second].compactMap { $0?.partition }
        let oldest = others.min { lastRead[start + Int($0)] < lastRead[start + Int($1)] }
        return Move(to: access.partition, from: others.count < copies.limit ? nil : oldest)
    }
}
