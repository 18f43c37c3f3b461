public import Contracts

extension AffinityEngine {
    /// What the customer's vectors are made of now, or at the time of the access that comes if the engine is one
    /// that knows it; nil if the customer is unknown. Changes nothing.
    public func explain(customer key: RawSpan, at time: EventTime? = nil) -> Explanation? {
        guard let place = table.find(key, hash: ByteHash.hash(key)) else { return nil }
        // A forecast uses buffers of the engine's, so a copy makes it; the copy shares all that is large.
        var copy = self
        let customer = customers[place]
        copy.forecast(place, customer, at: isTimeKnown ? time.map { EventClock.clamp($0) } : nil)
        let rows = copy.copyRows()
        return copy.explanation(customer, rows, copy.present(atTime: isTimeKnown && time != nil))
    }

    /// What `predict` gives, and what each input of the pool gives each partition: into `experts` goes a row per
    /// `Expert`, in their order, of a probability per partition. Those that are not there find all alike.
    ///
    /// For evaluation. Probabilities under `leastLog` count as that, as in the pool.
    public mutating func predict(
        customer key: RawSpan, at time: EventTime? = nil, experts: inout [Double]
    ) -> Prediction? {
        precondition(experts.count == Expert.allCases.count * partitions, "a row per expert is needed")
        guard let prediction = predict(customer: key, at: time) else { return nil }
        let (rows, present) = (copyRows(), present(atTime: isTimeKnown && time != nil))
        for expert in Expert.allCases {
            let row = expert.rawValue * partitions..<(expert.rawValue + 1) * partitions
            if present[expert.rawValue] == 0 {
                for i in row { experts[i] = 1 / Double(partitions) }
                continue
            }
            let given = given(expert.rawValue, rows)
            // What was lifted to the least there is makes the sum greater than 1.
            let sum = given.reduce(0, +)
            for (i, p) in zip(row, given) { experts[i] = p / sum }
        }
        return prediction
    }

    /// 1 for each input of the pool that took part in the last forecast.
    private func present(atTime isTimeKnown: Bool) -> SIMD16<Float> {
        var present = inputs
        if !isTimeKnown { present[Expert.atHour.rawValue] = 0 }
        return present
    }

    /// The rows that the last forecast was made of.
    private mutating func copyRows() -> [Float] {
        let rows = scratch.take()
        return (0..<Scratch.rows * rows.stride).map { rows.base[$0] }
    }

    /// The probabilities in a row of logarithms.
    private func given(_ row: Int, _ rows: [Float]) -> [Double] {
        (0..<partitions).map { k in
            Double(FloatMath.exp(SIMD8(repeating: rows[row * scratch.stride + k]))[0])
        }
    }

    /// Tells what the forecast that was just made is made of.
    private func explanation(
        _ customer: Customer, _ rows: [Float], _ present: SIMD16<Float>
    ) -> Explanation {
        let pooled = given(Scratch.Row.pool.rawValue, rows)
        let runnerUp = runnerUp(pooled)
        var explanation = Explanation(
            home: customer.home, last: customer.last,
            lastTime: customer.accesses > 0 ? customer.lastTime : nil, accesses: Int(customer.accesses),
            run: Int(customer.run), stage: customer.stage, surprise: Double(customer.surprise),
            next: blend.next.map(Double.init), share: blend.share.map(Double.init), high: high(customer),
            poolTop: PartitionIndex(top.partition), runnerUp: runnerUp.map { PartitionIndex($0) },
            pooled: pooled[top.partition], calibrated: Double(top.taken), biasSupport: 0, opinions: [],
            shareOpinions: [], model: model?.origin.name)
        if let runnerUp {
            explanation.biasSupport = Double(pool.biases[top.partition] - pool.biases[runnerUp])
        }
        explanation.opinions = opinions(customer, runnerUp, rows, present)
        explanation.shareOpinions = shareOpinions(customer, rows, explanation.greatestShare)
        return explanation
    }

    private func runnerUp(_ pooled: [Double]) -> Int? {
        var best: Int?
        for k in pooled.indices where k != top.partition && pooled[k] > (best.map { pooled[$0] } ?? -1) {
            best = k
        }
        return best
    }

    private func high(_ customer: Customer) -> [PartitionIndex] {
        customer.slots.range.map { history.slots.elements[$0] }.filter(\.isHigh).map(\.partition).sorted()
    }

    private func opinions(
        _ customer: Customer, _ runnerUp: Int?, _ rows: [Float], _ present: SIMD16<Float>
    ) -> [Explanation.Opinion] {
        let weights = pool.weights(pool.sets(customer))
        return Expert.allCases.filter { present[$0.rawValue] > 0 }.map { expert in
            let row = expert.rawValue
            let given = given(row, rows)
            let best = Explanation.top(given)
            var support = 0.0
            if let runnerUp {
                let logs = row * scratch.stride
                support = Double(
                    weights[row] * (rows[logs + top.partition] - rows[logs + runnerUp]))
            }
            return Explanation.Opinion(
                expert: expert, weight: expert == .mixture ? nil : Double(customer.nextWeights[row]),
                poolWeight: Double(weights[row]), top: best, probability: given[Int(best)],
                ofPoolTop: given[top.partition], support: support)
        }
    }

    private func shareOpinions(
        _ customer: Customer, _ rows: [Float], _ greatest: PartitionIndex
    ) -> [Explanation.ShareOpinion] {
        ShareExpert.allCases.filter { $0 != .network || recurrence != nil }.map { expert in
            let given = shareGiven(expert, customer, rows)
            let best = Explanation.top(given)
            let weight = Double(customer.shareWeights[expert.rawValue])
            return Explanation.ShareOpinion(
                expert: expert, weight: weight, top: best, probability: given[Int(best)],
                part: weight * given[Int(greatest)])
        }
    }

    /// What an expert of the share gives each partition.
    private func shareGiven(
        _ expert: ShareExpert, _ customer: Customer, _ rows: [Float]
    ) -> [Double] {
        switch expert {
        case .home: point(customer.home)
        case .last: point(customer.last)
        case .short: given(Expert.short.rawValue, rows)
        case .medium: given(Expert.medium.rawValue, rows)
        case .long: given(Expert.long.rawValue, rows)
        case .fading: given(Expert.fading.rawValue, rows)
        case .global: given(Expert.global.rawValue, rows)
        case .network: given(Scratch.Row.networkShare.rawValue, rows)
        }
    }

    private func point(_ partition: PartitionIndex) -> [Double] {
        (0..<partitions).map { Double($0 == Int(partition) ? pointPeak : pointFloor) }
    }
}
