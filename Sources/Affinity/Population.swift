import Contracts

/// What all customers of the topic partition have done: frequencies, transitions and which experts do well.
///
/// Counts are integers and so independent of the order in which customers come. What is read is the state as
/// of the last window boundary, so that within a window no customer's prediction depends on another's
/// accesses.
struct Population {
    /// Frequency of each partition, smoothed by one access everywhere. As of the last boundary.
    private(set) var frequency: [Float]
    /// Transitions, row by row. As of the last boundary.
    private(set) var transitions: [Int32]
    /// Sums of the rows of `transitions`.
    private(set) var rowSums: [Float]
    /// The weights a customer of `next` starts from and is pulled to. As of the last boundary.
    private(set) var nextPrior: SIMD8<Float>
    /// The same of `share`.
    private(set) var sharePrior: SIMD4<Float>

    private let partitions: Int
    private let priorFloor: Float
    private var counts: [Int64]
    private var liveTransitions: [Int32]
    private var changedRows: [Bool]
    private var isChanged = false
    private var nextWeights: SIMD8<Int64>
    private var shareWeights: SIMD4<Int64>

    /// A weight of 1 in the sums of weights.
    private static let weightOne: Float = 65_536
    /// How many accesses' worth of uniform weights the sums start with.
    private static let priorAccesses: Int64 = 64
    /// A row of transitions is halved when it reaches this, and the sums of weights when they reach it.
    private static let ageLimit: Int64 = 1 << 30

    init(partitions: Int, priorFloor: Double) {
        self.partitions = partitions
        self.priorFloor = Float(priorFloor)
        frequency = Array(repeating: 1 / Float(partitions), count: partitions)
        transitions = Array(repeating: 0, count: partitions * partitions)
        rowSums = Array(repeating: 0, count: partitions)
        counts = Array(repeating: 0, count: partitions)
        liveTransitions = transitions
        changedRows = Array(repeating: false, count: partitions)
        nextPrior = SIMD8(repeating: 1 / 8)
        sharePrior = SIMD4(repeating: 1 / 4)
        nextWeights = SIMD8(repeating: Self.priorAccesses * Int64(Self.weightOne) / 8)
        shareWeights = SIMD4(repeating: Self.priorAccesses * Int64(Self.weightOne) / 4)
    }

    /// Bytes held.
    var bytes: Int { partitions * (partitions * 8 + 4 + 4 + 8 + 1) }

    /// Counts an access, and the transition that led to it if there was an access before.
    @inline(__always)
    mutating func count(_ partition: PartitionIndex, from last: PartitionIndex?) {
        isChanged = true
        counts[Int(partition)] += 1
        guard let last else { return }
        liveTransitions[Int(last) * partitions + Int(partition)] &+= 1
        changedRows[Int(last)] = true
    }

    /// Counts the weights a customer has after an access.
    @inline(__always)
    mutating func count(next: SIMD8<Float>, share: SIMD4<Float>) {
        for i in 0..<8 { nextWeights[i] &+= Self.fixedPoint(next[i]) }
        for i in 0..<4 { shareWeights[i] &+= Self.fixedPoint(share[i]) }
    }

    /// A weight of 0 to 1 in units of 1 / `weightOne`, to the nearest. A number from 128 to under 256 has
    /// exactly those units in the last bit of its 23-bit significand.
    @inline(__always)
    private static func fixedPoint(_ weight: Float) -> Int64 { Int64((weight + 128).bitPattern & 0x7F_FFFF) }

    /// Makes what was counted since the last boundary visible.
    mutating func freeze() {
        guard isChanged else { return }
        isChanged = false
        let total = Float(counts.reduce(0, +) + Int64(partitions))
        for k in 0..<partitions { frequency[k] = Float(counts[k] + 1) / total }
        for row in 0..<partitions where changedRows[row] { freeze(row: row) }
        freezePriors()
    }

    private mutating func freeze(row: Int) {
        changedRows[row] = false
        let range = row * partitions..<(row + 1) * partitions
        var sum: Int64 = 0
        for i in range { sum += Int64(liveTransitions[i]) }
        if sum >= Self.ageLimit {
            sum = 0
            for i in range {
                liveTransitions[i] /= 2
                sum += Int64(liveTransitions[i])
            }
        }
        for i in range { transitions[i] = liveTransitions[i] }
        rowSums[row] = Float(sum)
    }

    private mutating func freezePriors() {
        if nextWeights.wrappedSum() >= Self.ageLimit {
            nextWeights = nextWeights &>> 1
            shareWeights = shareWeights &>> 1
        }
        let next = SIMD8<Float>(nextWeights) / Float(nextWeights.wrappedSum())
        nextPrior = next * (1 - priorFloor) + priorFloor / 8
        let share = SIMD4<Float>(shareWeights) / Float(shareWeights.wrappedSum())
        sharePrior = share * (1 - priorFloor) + priorFloor / 4
    }
}

/// As bytes.
extension Population {
    /// Writes what was counted, and what of it is visible.
    func encode(into state: inout StateWriter) {
        for value in frequency { state.write(value) }
        for value in counts { state.write(value) }
        state.write(isChanged)
        state.write(bits: nextPrior)
        state.write(bits: sharePrior)
        for i in 0..<8 { state.write(nextWeights[i]) }
        for i in 0..<4 { state.write(shareWeights[i]) }
        Self.encode(transitions, into: &state)
        Self.encode(liveTransitions, into: &state)
    }

    /// Reads what `encode` wrote; what is configured is as in `other`.
    init(
        _ reader: inout StateReader, partitions: Int, like other: borrowing Population
    ) throws(StateFailure) {
        self = copy other
        for i in 0..<partitions {
            frequency[i] = try reader.read()
            if !(0...1).contains(frequency[i]) { throw .outOfRange("a frequency") }
        }
        var left = Self.totalLimit
        for i in 0..<partitions {
            counts[i] = try reader.read(in: 0...left, "accesses")
            left -= counts[i]
        }
        isChanged = try reader.read()
        nextPrior = try reader.read(bits: SIMD8<Float>.self)
        sharePrior = try reader.read(bits: SIMD4<Float>.self)
        guard nextPrior.min() >= 0, abs(nextPrior.sum() - 1) < 0.01, sharePrior.min() >= 0,
            abs(sharePrior.sum() - 1) < 0.01
        else { throw .outOfRange("weights") }
        for i in 0..<8 { nextWeights[i] = try reader.read(in: 0...Self.totalLimit, "weights") }
        for i in 0..<4 { shareWeights[i] = try reader.read(in: 0...Self.totalLimit, "weights") }
        if nextWeights.wrappedSum() == 0 || shareWeights.wrappedSum() == 0 { throw .outOfRange("weights") }
        try Self.decode(&reader, into: &transitions)
        try Self.decode(&reader, into: &liveTransitions)
        for row in 0..<partitions {
            let range = row * partitions..<(row + 1) * partitions
            rowSums[row] = Float(transitions[range].reduce(Int64(0)) { $0 + Int64($1) })
            changedRows[row] = transitions[range] != liveTransitions[range]
        }
    }

    /// No sum can have come so far, and those that have can go on being added to.
    private static let totalLimit: Int64 = 1 << 56
    /// A transition is halved, with its row, long before this; from here on it can be added to for a window.
    private static let transitionLimit = 3 << 29

    /// The counts that are not 0, each with its distance from the one before.
    private static func encode(_ counts: [Int32], into state: inout StateWriter) {
        state.write(UInt32(counts.count { $0 != 0 }))
        var next = 0
        for i in counts.indices where counts[i] != 0 {
            state.write(UInt32(i - next))
            state.write(UInt32(bitPattern: counts[i]))
            next = i + 1
        }
    }

    private static func decode(_ reader: inout StateReader, into counts: inout [Int32]) throws(StateFailure) {
        for i in counts.indices { counts[i] = 0 }
        let count = try reader.count(limit: counts.count, "transitions")
        var next = 0
        for _ in 0..<count {
            let at = next + (try reader.count(limit: counts.count, "transitions"))
            if at >= counts.count { throw .outOfRange("a transition") }
            counts[at] = Int32(try reader.count(limit: transitionLimit, "transitions"))
            next = at + 1
        }
    }
}
