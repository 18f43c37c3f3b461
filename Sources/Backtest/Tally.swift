import Contracts

/// What is counted while a trace is replayed. Integers only, so that the order of customers does not matter.
struct Tally: Sendable {
    private let times: RoundTripTimes
    private(set) var reads = 0
    private(set) var remote = 0
    private(set) var moves = 0
    private(set) var refused = 0
    private(set) var latencies: [Int32] = []  // microseconds
    private var latencySum: Int64 = 0
    private var extraCopies = 0
    private var unused = 0
    private var ahead = 0
    private var leads: [Int64] = []  // milliseconds

    init(_ times: RoundTripTimes, reads: Int) {
        self.times = times
        latencies.reserveCapacity(reads)
    }

    /// A read from `region`, served by the nearest copy. A copy under way takes up room, too.
    mutating func read(from region: Int32, at time: EventTime, _ copies: inout Copies, isMoving: Bool) {
        reads += 1
        extraCopies += copies.count - 1 + (isMoving ? 1 : 0)
        if !copies.contains(region) { remote += 1 }
        var latency = times.time(from: region, to: copies.first.partition)
        if let second = copies.second {
            latency = min(latency, times.time(from: region, to: second.partition))
        }
        latencies.append(Int32(clamping: latency))
        latencySum += latency
        if copies.first.partition == region { use(&copies.first, at: time) }
        if var second = copies.second, second.partition == region {
            use(&second, at: time)
            copies.second = second
        }
    }

    private mutating func use(_ copy: inout Copies.Copy, at time: EventTime) {
        if let ordered = copy.ordered, !copy.isUsed, copy.isAhead { leads.append(time - ordered) }
        copy.isUsed = true
    }

    /// A move was ordered; `isAhead`: by an access from elsewhere.
    mutating func order(isAhead: Bool) {
        moves += 1
        if isAhead { ahead += 1 }
    }

    /// A move was refused, by the budget or the capacity.
    mutating func refuse() { refused += 1 }

    /// A copy is given up, or the trace has ended.
    mutating func end(_ copy: Copies.Copy?) {
        if let copy, copy.ordered != nil, !copy.isUsed { unused += 1 }
    }

    /// The figures. `configuration` says how many bytes a move and a read are.
    func outcome(_ configuration: BacktestConfiguration, fullest: Int) -> Outcome {
        let sorted = latencies.sorted()
        func quantile(_ percent: Int) -> Double {
            sorted.isEmpty ? 0 : Double(sorted[(sorted.count * percent + 99) / 100 - 1]) / 1_000
        }
        func part(_ count: Int, of whole: Int) -> Double { whole == 0 ? 0 : Double(count) / Double(whole) }
        let medianLead = leads.isEmpty ? 0 : leads.sorted()[(leads.count - 1) / 2]
        return Outcome(
            reads: reads, remoteReads: remote, moves: moves, refusedMoves: refused,
            latencyMeanMillis: reads == 0 ? 0 : Double(latencySum) / Double(reads) / 1_000,
            latencyP75Millis: quantile(75), latencyP99Millis: quantile(99),
            crossRegionBytes: Int64(remote) * configuration.readBytes + Int64(moves)
                * configuration.customerBytes,
            storageOverhead: part(extraCopies, of: reads), aheadShare: part(ahead, of: moves),
            leadGainedMedianMillis: medianLead, falseActivations: part(unused, of: moves),
            fullestPartition: fullest)
    }
}

/// How one policy did.
public struct Outcome: Sendable, Equatable, Encodable {
    /// Accesses after each customer's first.
    public var reads: Int
    /// Reads from a partition that had no populated copy at that time.
    public var remoteReads: Int
    /// Copies ordered.
    public var moves: Int
    /// Moves the budget or the capacity did not allow.
    public var refusedMoves: Int
    /// Mean round-trip time of a read to the nearest copy.
    public var latencyMeanMillis: Double
    /// The time that 75 % of the reads do not exceed.
    public var latencyP75Millis: Double
    /// The time that 99 % of the reads do not exceed.
    public var latencyP99Millis: Double
    /// Sent by moves and by remote reads.
    public var crossRegionBytes: Int64
    /// Copies beyond one, populated or under way, in the mean over reads.
    public var storageOverhead: Double
    /// The part of the moves that was ordered by an access from another partition than the move's.
    public var aheadShare: Double
    /// Of those, where the copy was read: the median time from the order to the first read, when a policy that
    /// reacts would only have ordered.
    public var leadGainedMedianMillis: Int64
    /// The part of the moves whose copy was never read.
    public var falseActivations: Double
    /// The most copies that were in one partition at once.
    public var fullestPartition: Int

    /// Remote reads as a part of all.
    public var remoteShare: Double { Double(remoteReads) / Double(max(1, reads)) }
    /// Moves per read.
    public var moveRate: Double { Double(moves) / Double(max(1, reads)) }
}
