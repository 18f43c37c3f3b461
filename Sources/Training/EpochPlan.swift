import Affinity

/// In which order an epoch sees the examples: customers in random order, each in the lane that is shortest.
struct EpochPlan: Sendable {
    private(set) var lanes: [[Example]]

    init(_ sequences: Sequences, lanes laneCount: Int, chance: consuming SplitMix64) {
        var order = sequences.customers
        order.shuffle(using: &chance)
        lanes = [[Example]](repeating: [], count: laneCount)
        let each = sequences.exampleCount / laneCount
        for lane in lanes.indices { lanes[lane].reserveCapacity(each + each / 8) }
        for customer in order {
            var shortest = 0
            for lane in 1..<max(1, laneCount) where lanes[lane].count < lanes[shortest].count {
                shortest = lane
            }
            for i in customer.dropFirst() {
                lanes[shortest].append(
                    Example(
                        input: sequences.accesses[Int(i) - 1], target: sequences.accesses[Int(i)],
                        isFirst: i == customer.lowerBound + 1))
            }
        }
    }

    /// Windows, of the given length, until all lanes have ended.
    func windows(of length: Int) -> Int {
        let longest = lanes.map(\.count).max() ?? 0
        return (longest + length - 1) / length
    }

    /// A lane's part of a window.
    func part(of lane: Int, window: Int, length: Int) -> ArraySlice<Example> {
        let all = lanes[lane]
        let start = min(window * length, all.count)
        return all[start..<min(start + length, all.count)]
    }
}
