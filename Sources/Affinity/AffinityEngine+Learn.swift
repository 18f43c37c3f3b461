import Contracts

extension AffinityEngine {
    /// Scores the customer's forecast, and all that had a part in it, on an access that is about to be applied.
    ///
    /// The network and the pool are scored on what they said when the forecast was made, the experts on what they
    /// say now. The pool learns from a forecast that is made anew, which costs as much as the one that follows: so
    /// where accesses are many, it learns from a sample of them.
    mutating func learn(_ place: Int, _ customer: inout Customer, _ access: Access, at time: EventTime) {
        let k = Int(access.partition)
        let contexts = Contexts(customer)
        let places = ContextPlaces(contexts, population.contexts)
        var p: SIMD16<Float>
        if pool.isSample(access.idHash) || isTimeKnown {
            let mean = forecast(place, customer, at: isTimeKnown ? time : nil)
            if isTimeKnown { keepForecast(place) }
            p = learnPool(mean, customer, k)
        } else {
            p = scores(customer, places, k)
            if recurrence != nil { p[Expert.network.rawValue] = probability(place, .network, k) }
        }
        p *= nextActive
        customer.surprise += (-forecasts.log(place, .pool, k) - customer.surprise) * Self.surpriseWeight
        customer.nextWeights = FixedShare.next(
            customer.nextWeights, p, share: Float(configuration.nextFixedShare), prior: population.nextPrior)
        customer.shareWeights = FixedShare.slow(
            customer.shareWeights, shareScores(customer, p, place, k),
            halvings: configuration.shareRateHalvings, share: Float(configuration.shareFixedShare),
            prior: population.sharePrior)
        population.count(next: customer.nextWeights, share: customer.shareWeights)
        population.contexts.count(contexts, places, access.partition)
        population.stays.count(Stays.place(customer), isStay: access.partition == customer.last)
    }

    /// The weight of the latest log loss in a customer's surprise.
    private static let surpriseWeight: Float = 0.25

    /// Counts the gradient of the forecast that is in the scratch, and gives what its inputs gave a partition.
    private mutating func learnPool(
        _ mean: SIMD16<Float>, _ customer: borrowing Customer, _ k: Int
    ) -> SIMD16<Float> {
        let stride = scratch.stride
        var logs = SIMD16<Float>()
        for e in 0..<16 { logs[e] = scratch.values[e * stride + k] }
        pool.count((mean - logs) * inputs, pool.sets(customer))
        let first = Scratch.Row.pool.rawValue * stride
        for b in 0..<stride / 8 {
            let p = FloatMath.exp(scratch.values.eight(first + 8 * b))
            for j in 8 * b..<min(partitions, 8 * b + 8) {
                pool.count(p[j - 8 * b] - (j == k ? 1 : 0), bias: j)
            }
        }
        calibration.count(top, isThere: k == top.partition)
        return SIMD16(lowHalf: FloatMath.exp(logs.lowHalf), highHalf: FloatMath.exp(logs.highHalf))
    }

    /// What each expert gives a partition.
    private mutating func scores(
        _ customer: Customer, _ places: ContextPlaces, _ k: Int
    ) -> SIMD16<Float> {
        withScratch { engine, rows in
            let moment = engine.experts.prepare(
                customer, places, engine.history, engine.population, weekPart: nil, rows)
            let block = engine.experts.block(k / 8, moment, engine.population, rows)
            var p = SIMD16<Float>()
            for e in 0..<Expert.rows { p[e] = block[e][k % 8] }
            return p
        }
    }

    private func shareScores(
        _ customer: borrowing Customer, _ p: SIMD16<Float>, _ place: Int, _ k: Int
    ) -> SIMD8<Float> {
        SIMD8(
            k == Int(customer.home) ? pointPeak : pointFloor, p[Expert.short.rawValue],
            p[Expert.medium.rawValue], p[Expert.long.rawValue], p[Expert.fading.rawValue],
            p[Expert.global.rawValue], k == Int(customer.last) ? pointPeak : pointFloor,
            recurrence == nil ? 0 : probability(place, .networkShare, k))
    }

    private func probability(_ place: Int, _ row: Forecasts.Row, _ k: Int) -> Float {
        FloatMath.exp(SIMD8(repeating: forecasts.log(place, row, k)))[0]
    }
}
