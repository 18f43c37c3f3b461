import Contracts

/// What all customers of the topic partition have done: frequencies, what followed what, which experts do well.
///
/// Counts are integers and so independent of the order in which customers come. What is read is the state as
/// of the last window boundary, so that within a window no customer's prediction depends on another's
/// accesses.
struct Population {
    /// Frequency of each partition, smoothed by one access everywhere; padded with 0. As of the last boundary.
    private(set) var frequency: [Float]
    /// The same of late. As of the last boundary.
    private(set) var recent: [Float]
    /// What followed in which context.
    var contexts: ContextRows
    /// How many accesses there were. As of the last boundary.
    private(set) var accesses: Int64 = 0
    /// Who stays.
    var stays = Stays()
    /// The weights a customer of `next` starts from and is pulled to. As of the last boundary.
    private(set) var nextPrior: SIMD16<Float>
    /// The same of `share`.
    private(set) var sharePrior: SIMD8<Float>

    private let partitions: Int
    private let priorFloor: Float
    /// 1 for each expert that there is.
    private var nextActive: SIMD16<Float>
    private var shareActive: SIMD8<Float>
    private var counts: [Int64]
    private var fresh: [Int64]
    private var recentCounts: FadingSums
    private var nextSums: FadingSums
    private var shareSums: FadingSums
    private var nextFresh = SIMD16<Int64>(repeating: 0)
    private var shareFresh = SIMD8<Int64>(repeating: 0)
    private var scored: Int64 = 0

    /// A weight of 1 in the sums of weights.
    private static let weightOne: Float = 65_536
    /// How many accesses' worth of uniform weights the sums start with.
    private static let priorAccesses = 64.0

    init(_ configuration: AffinityConfiguration, partitions: Int, next: SIMD16<Float>, share: SIMD8<Float>) {
        self.partitions = partitions
        priorFloor = Float(configuration.priorFloor)
        nextActive = next
        shareActive = share
        contexts = ContextRows(partitions: partitions, cells: configuration.contextCells)
        let padding = [Float](repeating: 0, count: contexts.stride - partitions)
        frequency = Array(repeating: 1 / Float(partitions), count: partitions) + padding
        recent = frequency
        counts = Array(repeating: 0, count: partitions)
        fresh = counts
        recentCounts = FadingSums(
            Array(repeating: 1, count: partitions), halfLife: configuration.recentHalfLife)
        nextPrior = next / next.sum()
        sharePrior = share / share.sum()
        let halfLife = configuration.priorHalfLife
        nextSums = FadingSums((0..<16).map { Double(next[$0]) * Self.priorAccesses / 8 }, halfLife: halfLife)
        shareSums = FadingSums((0..<8).map { Double(share[$0]) * Self.priorAccesses / 4 }, halfLife: halfLife)
    }

    /// Bytes held.
    var bytes: Int { partitions * 40 + contexts.bytes + Stays.bytes }

    /// Counts an access.
    @inline(__always)
    mutating func count(_ partition: PartitionIndex) { fresh[Int(partition)] += 1 }

    /// Counts the weights a customer has after an access.
    @inline(__always)
    mutating func count(next: SIMD16<Float>, share: SIMD8<Float>) {
        scored += 1
        nextFresh &+= SIMD16<Int64>(truncatingIfNeeded: Self.fixedPoint(next))
        shareFresh &+= SIMD8<Int64>(truncatingIfNeeded: Self.fixedPoint(share))
    }

    /// Weights of 0 to 1 in units of 1 / `weightOne`, to the nearest. A number from 128 to under 256 has
    /// exactly those units in the last bit of its 23-bit significand.
    @inline(__always)
    private static func fixedPoint(_ weights: SIMD16<Float>) -> SIMD16<UInt32> {
        unsafeBitCast(weights + 128, to: SIMD16<UInt32>.self) & 0x7F_FFFF
    }

    @inline(__always)
    private static func fixedPoint(_ weights: SIMD8<Float>) -> SIMD8<UInt32> {
        unsafeBitCast(weights + 128, to: SIMD8<UInt32>.self) & 0x7F_FFFF
    }

    /// Makes what was counted since the last boundary visible.
    mutating func freeze() {
        let events = fresh.reduce(0, +)
        if events == 0 { return }
        accesses += events
        for k in 0..<partitions { counts[k] += fresh[k] }
        let total = Float(counts.reduce(0, +) + Int64(partitions))
        for k in 0..<partitions { frequency[k] = Float(counts[k] + 1) / total }
        freezeRecent(events)
        contexts.freeze()
        stays.freeze()
        freezePriors()
    }

    private mutating func freezeRecent(_ events: Int64) {
        // What never comes still counts for a twentieth of an access, so that no probability is 0.
        recentCounts.add(fresh.map { Double($0) }, events: events)
        let total = recentCounts.values.reduce(0, +) + 0.05 * Double(partitions)
        for k in 0..<partitions {
            recent[k] = Float((recentCounts.values[k] + 0.05) / total)
            fresh[k] = 0
        }
    }

    private mutating func freezePriors() {
        if scored == 0 { return }
        let one = Double(Self.weightOne)
        nextSums.add((0..<16).map { Double(nextFresh[$0]) / one }, events: scored)
        shareSums.add((0..<8).map { Double(shareFresh[$0]) / one }, events: scored)
        nextFresh = .zero
        shareFresh = .zero
        scored = 0
        setPriors()
    }

    /// There is a network from now on, or none. Its weight starts from the mean of the others'.
    mutating func use(network isThere: Bool) {
        nextActive[Expert.network.rawValue] = isThere ? 1 : 0
        shareActive[ShareExpert.network.rawValue] = isThere ? 1 : 0
        nextSums.set(Expert.network.rawValue, isThere: isThere)
        shareSums.set(ShareExpert.network.rawValue, isThere: isThere)
        nextFresh[Expert.network.rawValue] = 0
        shareFresh[ShareExpert.network.rawValue] = 0
        setPriors()
    }

    private mutating func setPriors() {
        var next = SIMD16<Float>()
        for i in 0..<16 { next[i] = Float(nextSums.values[i]) }
        nextPrior = next * ((1 - priorFloor) / next.sum()) + nextActive * (priorFloor / nextActive.sum())
        var share = SIMD8<Float>()
        for i in 0..<8 { share[i] = Float(shareSums.values[i]) }
        sharePrior = share * ((1 - priorFloor) / share.sum()) + shareActive * (priorFloor / shareActive.sum())
    }
}

/// As bytes.
extension Population {
    /// Writes all but the contexts.
    func encode(into state: inout StateWriter) {
        for k in 0..<partitions {
            state.write(frequency[k])
            state.write(recent[k])
            state.write(counts[k])
            state.write(fresh[k])
            state.write(recentCounts.values[k])
        }
        stays.encode(into: &state)
        for i in 0..<16 {
            state.write(nextSums.values[i])
            state.write(nextFresh[i])
        }
        for i in 0..<8 {
            state.write(shareSums.values[i])
            state.write(shareFresh[i])
        }
        state.write(scored)
        state.write(bits: nextPrior)
        state.write(bits: sharePrior)
    }

    /// Takes over what `encode` wrote.
    mutating func restore(_ reader: inout StateReader) throws(StateFailure) {
        var recents = recentCounts.values
        accesses = 0
        for k in 0..<partitions {
            frequency[k] = try reader.read()
            recent[k] = try reader.read()
            if !(0...1).contains(frequency[k]) || !(0...1).contains(recent[k]) {
                throw .outOfRange("a frequency")
            }
            counts[k] = try reader.read(in: 0...Self.totalLimit, "accesses")
            fresh[k] = try reader.read(in: 0...Self.totalLimit, "accesses")
            accesses += counts[k]
            recents[k] = try Self.sum(&reader)
        }
        recentCounts.restore(recents)
        try stays.restore(&reader)
        var next = nextSums.values
        for i in 0..<16 {
            next[i] = try Self.sum(&reader)
            nextFresh[i] = try reader.read(in: 0...Self.totalLimit, "weights")
        }
        var share = shareSums.values
        for i in 0..<8 {
            share[i] = try Self.sum(&reader)
            shareFresh[i] = try reader.read(in: 0...Self.totalLimit, "weights")
        }
        if next.reduce(0, +) <= 0 || share.reduce(0, +) <= 0 { throw .outOfRange("weights") }
        nextSums.restore(next)
        shareSums.restore(share)
        scored = try reader.read(in: 0...Self.totalLimit, "accesses")
        nextPrior = try reader.read(bits: SIMD16<Float>.self)
        sharePrior = try reader.read(bits: SIMD8<Float>.self)
        guard nextPrior.min() >= 0, abs(nextPrior.sum() - 1) < 0.01, sharePrior.min() >= 0,
            abs(sharePrior.sum() - 1) < 0.01
        else { throw .outOfRange("weights") }
    }

    private static func sum(_ reader: inout StateReader) throws(StateFailure) -> Double {
        let value: Double = try reader.read()
        if !(value >= 0 && value < 1e15) { throw .outOfRange("a sum") }
        return value
    }

    /// No sum can have come so far, and those that have can go on being added to.
    private static let totalLimit: Int64 = 1 << 52
}
