import Affinity
import Contracts
import Training

/// SplitMix64 (Steele, Lea, Flood 2014): the tests' only source of chance.
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func numbers(_ count: Int, _ range: ClosedRange<Float> = -1...1) -> [Float] {
        (0..<count).map { _ in Float.random(in: range, using: &self) }
    }
}

func tinyShape(partitions: Int = 3) -> NetworkShape {
    var shape = NetworkShape(
        partitions: partitions, experts: 2, regions: 2, domains: 1, kinds: 1, denseInputs: 2, features: 2,
        timeFeatures: 1)
    shape.hidden = 8
    shape.headUnits = 8
    return shape
}

/// Accesses without any rule, of customers whose turns are mixed.
func randomSet(_ shape: NetworkShape, accesses: Int, customers: Int, seed: UInt64) -> TrainingSet {
    var chance = Chance(seed: seed)
    var set = TrainingSet(shape)
    for i in 0..<accesses {
        var symbols = SIMD4<Int32>()
        for s in 0..<4 { symbols[s] = Int32.random(in: 0..<shape.symbols[s], using: &chance) }
        let record = TrainingSet.Record(
            customer: UInt32.random(in: 0..<UInt32(customers), using: &chance),
            time: EventTime(i) * 1_000 + EventTime.random(in: 0..<1_000, using: &chance),
            target: PartitionIndex.random(in: 0..<PartitionIndex(shape.partitions), using: &chance),
            symbols: symbols)
        set.append(
            record, dense: chance.numbers(shape.denseInputs).span,
            features: chance.numbers(shape.features + shape.timeFeatures).span,
            experts: chance.numbers(shape.expertRows * shape.partitionStride, -4 ... -0.1).span)
    }
    return set
}

/// Accesses of which each is where the one two before it was, or one partition further if the kind of the one
/// before was 1: nothing but memory tells where the next one falls. The experts know nothing.
func memorySet(_ shape: NetworkShape, accesses: Int, customers: Int, seed: UInt64) -> TrainingSet {
    var chance = Chance(seed: seed)
    var set = TrainingSet(shape)
    var last = (0..<customers).map { _ in
        [Int.random(in: 0..<shape.partitions, using: &chance), 0, 0]
    }
    let flat = [Float](repeating: -1, count: shape.expertRows * shape.partitionStride)
    for i in 0..<accesses {
        let customer = i % customers
        let place = (last[customer][1] + last[customer][2]) % shape.partitions
        let kind = Int.random(in: 0...1, using: &chance)
        last[customer] = [0, last[customer][0], kind]
        last[customer][0] = place
        let record = TrainingSet.Record(
            customer: UInt32(customer), time: EventTime(i) * 60_000, target: PartitionIndex(place),
            symbols: SIMD4(Int32(place + 1), 1, 1, Int32(kind)))
        set.append(
            record, dense: [Float](repeating: 0, count: shape.denseInputs).span,
            features: [Float](repeating: 0, count: shape.features + shape.timeFeatures).span,
            experts: flat.span)
    }
    return set
}
