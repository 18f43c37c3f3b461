public import Contracts

/// What is asked about a customer.
public struct RoutingRequest: Sendable, Equatable {
    /// Where the request comes from; nil: the customer's static partition.
    public var from: PartitionIndex?
    /// The static partition by the customer's location, for a customer that is not known.
    public var home: PartitionIndex?

    /// Asks where a customer belongs.
    public init(from: PartitionIndex? = nil, home: PartitionIndex? = nil) {
        self.from = from
        self.home = home
    }
}

extension RoutingView {
    /// Decides for one customer.
    ///
    /// `partition` has the highest score of all. `readFrom` is a partition that has the data: one with a shadow
    /// whose read share the customer falls into, else the static partition. With the published weights such a
    /// shadow is read from; with others the scores decide between it and the static partition, so that a shadow
    /// under load gives way.
    public mutating func decide(
        _ customer: RawSpan, hash: UInt64, _ request: RoutingRequest, _ weights: RoutingWeights
    ) -> Decision {
        let row = customers.find(customer, hash: hash)
        let home = row.map { customers[$0].home } ?? request.home
        score(row: row, home: home, request, weights)
        let best = best(hash: hash, weights)
        var decision = Decision(
            partition: PartitionIndex(best), readFrom: home ?? PartitionIndex(best),
            writeTo: home ?? PartitionIndex(best), alsoWriteTo: [], home: home, isKnown: row != nil,
            shadow: nil, readsShadow: false)
        if let row { followShadows(customer, row: row, hash: hash, weights, &decision) }
        if weights.tieMargin > 0 { ledger.record(Int(decision.readFrom)) }
        return decision
    }

    /// Every partition's score with its terms, in the order of the configuration.
    public func scores(
        _ customer: RawSpan, hash: UInt64, _ request: RoutingRequest, _ weights: RoutingWeights
    ) -> [Score] {
        let row = customers.find(customer, hash: hash)
        let home = row.map { customers[$0].home } ?? request.home
        var scores = partitions.names.indices.map { Score(partition: PartitionIndex($0)) }
        if let home { scores[Int(home)].home = weights.home }
        if let from = request.from ?? home, weights.proximity > 0 {
            let nearness = roundTrips.nearness(from: Int(from))
            for place in scores.indices {
                scores[place].proximity = nearness[nearness.startIndex + place] * weights.proximity
            }
        }
        for place in scores.indices { scores[place].load = room[place] * weights.load }
        guard let row else { return scores }
        for entry in customers[row].entries {
            scores[Int(entry.partition)].affinity =
                Double(entry.share) / Double(probabilityOne) * weights.affinity
        }
        for shadow in shadows.bySource[Int(customers[row].home)] where isOfCohort(row, shadow) {
            scores[Int(shadow.target)].shadow = Double(shadow.readShareMilli) / 1_000 * weights.shadow
        }
        return scores
    }

    /// Fills `scratch`. The terms are added in the order of the pseudocode, so that ties are its ties.
    private mutating func score(
        row: Int?, home: PartitionIndex?, _ request: RoutingRequest, _ weights: RoutingWeights
    ) {
        for place in scratch.indices { scratch[place] = 0 }
        if let home { scratch[Int(home)] += weights.home }
        if let row, weights.affinity > 0 {
            for place in 0..<customers[row].list.count {
                let entry = customers[row].list[place]
                let affinity = Double(entry.share) / Double(probabilityOne)
                scratch[Int(entry.partition)] += affinity * weights.affinity
            }
        }
        if weights.proximity > 0, let from = request.from ?? home {
            let nearness = roundTrips.nearness(from: Int(from))
            for place in scratch.indices {
                scratch[place] += nearness[nearness.startIndex + place] * weights.proximity
            }
        }
        if weights.load > 0 {
            for place in scratch.indices { scratch[place] += room[place] * weights.load }
        }
        if weights.shadow > 0, let row {
            for shadow in shadows.bySource[Int(customers[row].home)] where isOfCohort(row, shadow) {
                scratch[Int(shadow.target)] += Double(shadow.readShareMilli) / 1_000 * weights.shadow
            }
        }
    }

    /// The first of the highest, or what load decides among those that are as good.
    private mutating func best(hash: UInt64, _ weights: RoutingWeights) -> Int {
        var best = 0
        for place in scratch.indices where scratch[place] > scratch[best] { best = place }
        if weights.tieMargin == 0 { return best }
        let least = scratch[best] - weights.tieMargin
        let scores = scratch
        return ledger.choose(hash: hash, slack: weights.loadSlack) { scores[$0] >= least }
    }

    private func isOfCohort(_ row: Int, _ shadow: OpenShadow) -> Bool {
        for place in 0..<customers[row].list.count {
            let entry = customers[row].list[place]
            if entry.partition == shadow.target { return entry.isHigh }
        }
        return false
    }

    /// Lets the shadows of whose cohorts the customer is take reads and writes.
    private mutating func followShadows(
        _ customer: RawSpan, row: Int, hash: UInt64, _ weights: RoutingWeights, _ decision: inout Decision
    ) {
        let shadows = shadows.bySource[Int(customers[row].home)]
        if shadows.isEmpty { return }
        for shadow in shadows where isOfCohort(row, shadow) {
            if shadow.dualWrite { write(to: shadow, &decision) }
            let reads = shadow.reads(customer)
            if reads, prefers(shadow.target, to: decision, hash: hash, weights) {
                decision.readFrom = shadow.target
                decision.shadow = shadow
                decision.readsShadow = true
            } else if decision.shadow == nil {
                decision.shadow = shadow
            }
        }
    }

    /// Both copies get the write; after promotion the target leads.
    private func write(to shadow: OpenShadow, _ decision: inout Decision) {
        if shadow.phase == .promoted, decision.writeTo == shadow.source {
            decision.alsoWriteTo.append(decision.writeTo)
            decision.writeTo = shadow.target
        } else {
            decision.alsoWriteTo.append(shadow.target)
        }
    }

    private mutating func prefers(
        _ target: PartitionIndex, to decision: Decision, hash: UInt64, _ weights: RoutingWeights
    ) -> Bool {
        let (new, old) = (scratch[Int(target)], scratch[Int(decision.readFrom)])
        if weights.isPlain { return !decision.readsShadow || new > old }
        if weights.tieMargin == 0 || abs(new - old) > weights.tieMargin { return new > old }
        let pair = [Int(target), Int(decision.readFrom)]
        return ledger.choose(hash: hash, slack: weights.loadSlack) { pair.contains($0) } == Int(target)
    }
}
