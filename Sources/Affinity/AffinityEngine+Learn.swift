import Contracts

extension AffinityEngine {
    /// Scores the customer's forecast, and all that had a part in it, on an access that is about to be applied.
    ///
    /// The network and the pool are scored on what they said when the forecast was made, the experts on what they
    /// say now. The pool learns from a forecast that is made anew, which costs as much as the one that follows: so
    /// where accesses are many, it learns from a sample of them.
    ///
    /// Gives what of the customer is to be changed. (Passing a customer that can be changed on to functions that
    /// only read it would copy it each time.)
    mutating func learn(
        _ place: Int, _ customer: borrowing Customer, _ access: Access, at time: EventTime
    ) -> Lesson {
        let k = Int(access.partition)
        let contexts = Contexts(customer)
        let places = ContextPlaces(contexts, population.contexts)
        var p: SIMD16<Float>
        if isTimeKnown {
            forecast(place, customer, at: time)
            keepForecast(place)
            p = learnPool(customer, k)
        } else if pool.isSample(access.idHash) {
            pool(place, customer)
            p = learnPool(customer, k)
        } else {
            p = scores(customer, places, k)
            if forecasts.hasNetwork { p[Expert.network.rawValue] = probability(place, .network, k) }
        }
        let isStay = access.partition == customer.last
        quality.count(forecasts.score(place, k), isStay: isStay)
        p *= nextActive
        let loss = -forecasts.log(place, .pool, k)
        let lesson = Lesson(
            next: FixedShare.next(
                customer.nextWeights, p, share: Float(configuration.nextFixedShare),
                prior: population.nextPrior),
            share: FixedShare.slow(
                customer.shareWeights, shareScores(customer, p, place, k),
                halvings: configuration.shareRateHalvings, share: Float(configuration.shareFixedShare),
                prior: population.sharePrior),
            surprise: customer.surprise + (loss - customer.surprise) * Self.surpriseWeight)
        population.count(next: lesson.next, share: lesson.share)
        population.contexts.count(contexts, places, access.partition)
        population.stays.count(Stays.place(customer), isStay: isStay)
        return lesson
    }

    /// What an access teaches of its customer.
    struct Lesson {
        var next: SIMD16<Float>
        var share: SIMD8<Float>
        var surprise: Float
    }

    /// The weight of the latest log loss in a customer's surprise.
    private static let surpriseWeight: Float = 0.25

    /// Counts the gradient of the forecast that is in the scratch, and gives what its inputs gave a partition.
    private mutating func learnPool(_ customer: borrowing Customer, _ k: Int) -> SIMD16<Float> {
        let rows = scratch.take()
        let p = rows.dense(.forecast)
        Kernels.exponentials(rows.dense(.pool), count: rows.stride, to: p)
        // The gradient by an input's weight: what was expected of its logarithm, less what it was.
        Kernels.means(p, rows.base, rows.stride, to: rows.block)
        let means = SIMD16(lowHalf: rows.block.eight(0), highHalf: rows.block.eight(8))
        var logs = SIMD16<Float>()
        for e in 0..<16 { logs[e] = rows.base[e * rows.stride + k] }
        pool.count((means - logs) * inputs, pool.sets(customer))
        p[k] -= 1
        pool.count(biases: p)
        calibration.count(top, isThere: k == top.partition)
        return SIMD16(lowHalf: FloatMath.exp(logs.lowHalf), highHalf: FloatMath.exp(logs.highHalf))
    }

    /// What each expert gives a partition.
    private mutating func scores(
        _ customer: borrowing Customer, _ places: ContextPlaces, _ k: Int
    ) -> SIMD16<Float> {
        let rows = scratch.take()
        let moment = experts.prepare(customer, places, history, population, weekPart: nil, rows)
        experts.block(k / 8, moment, population, rows, to: rows.block, 8)
        var p = SIMD16<Float>()
        for e in 0..<Expert.rows { p[e] = rows.block[8 * e + k % 8] }
        return p
    }

    private mutating func shareScores(
        _ customer: borrowing Customer, _ p: SIMD16<Float>, _ place: Int, _ k: Int
    ) -> SIMD8<Float> {
        SIMD8(
            k == Int(customer.home) ? pointPeak : pointFloor, p[Expert.short.rawValue],
            p[Expert.medium.rawValue], p[Expert.long.rawValue], p[Expert.fading.rawValue],
            p[Expert.global.rawValue], k == Int(customer.last) ? pointPeak : pointFloor,
            forecasts.hasNetwork ? probability(place, .networkShare, k) : 0)
    }

    private mutating func probability(_ place: Int, _ row: Forecasts.Row, _ k: Int) -> Float {
        FloatMath.exp(SIMD8(repeating: forecasts.log(place, row, k)))[0]
    }
}
