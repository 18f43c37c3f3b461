import Contracts

extension AffinityEngine {
    /// Log probabilities below this count as this in the pool.
    static let leastLog: Float = -13.8

    /// Forecasts the access of the customer at `place` that comes, and its share, into `blend`; gives the mean of
    /// the pool's inputs under its own forecast. `time` is that of the access, if it is known.
    ///
    /// The scratch holds the rows the forecast was made of.
    mutating func forecast(_ place: Int, _ customer: Customer, at time: EventTime?) -> SIMD16<Float> {
        let places = ContextPlaces(Contexts(customer), population.contexts)
        let weekPart = time.map { EventClock.weekPart($0) }
        let weights = pool.weights(pool.sets(customer))
        return withScratch { engine, rows in
            let moment = engine.experts.prepare(
                customer, places, engine.history, engine.population, weekPart: weekPart, rows)
            engine.expertRows(customer, moment, isTimeKnown: weekPart != nil, rows)
            engine.networkRows(place, customer, at: time, rows)
            engine.mixtureRow(customer, rows)
            return engine.pool(weights, rows)
        }
    }

    /// Lends the scratch's rows to `body`, which may use all else of the engine.
    @inline(__always)
    mutating func withScratch<Result>(
        _ body: (inout AffinityEngine, ScratchRows) -> Result
    ) -> Result {
        var values: [Float] = []
        swap(&values, &scratch.values)
        defer { swap(&values, &scratch.values) }
        return values.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("a scratch has rows") }
            return body(&self, ScratchRows(stride: scratch.stride, base: base))
        }
    }

    /// The experts' rows, as logarithms; the mixture's, as far as they have a part in it, as probabilities.
    /// The share, as far as they have a part in it.
    private mutating func expertRows(
        _ customer: borrowing Customer, _ moment: Experts.Moment, isTimeKnown: Bool, _ rows: ScratchRows
    ) {
        let (w, s) = (customer.nextWeights, customer.shareWeights)
        let point = (s[ShareExpert.home.rawValue] + s[ShareExpert.last.rawValue]) * pointFloor
        for b in 0..<rows.stride / 8 {
            let p = experts.block(b, moment, population, rows)
            var mixed = SIMD8<Float>()
            for e in 0..<Expert.rows {
                if e == Expert.atHour.rawValue && !isTimeKnown {
                    rows.base.put(.zero, e * rows.stride + 8 * b)
                    continue
                }
                mixed += w[e] * p[e]
                let log = FloatMath.log(p[e])
                rows.base.put(FloatMath.atLeast(log, Self.leastLog), e * rows.stride + 8 * b)
            }
            rows.row(Expert.mixture).put(mixed, 8 * b)
            var share = SIMD8<Float>(repeating: point)
            share += s[ShareExpert.short.rawValue] * p[Expert.short.rawValue]
            share += s[ShareExpert.medium.rawValue] * p[Expert.medium.rawValue]
            share += s[ShareExpert.long.rawValue] * p[Expert.long.rawValue]
            share += s[ShareExpert.fading.rawValue] * p[Expert.fading.rawValue]
            share += s[ShareExpert.global.rawValue] * p[Expert.global.rawValue]
            for k in 8 * b..<min(partitions, 8 * b + 8) { blend.share[k] = share[k - 8 * b] }
        }
        blend.share[Int(customer.home)] += s[ShareExpert.home.rawValue] * (pointPeak - pointFloor)
        blend.share[moment.last] += s[ShareExpert.last.rawValue] * (pointPeak - pointFloor)
    }

    /// The network's rows, and its part of the share.
    private mutating func networkRows(
        _ place: Int, _ customer: Customer, at time: EventTime?, _ rows: ScratchRows
    ) {
        let row = rows.row(.network)
        guard recurrence != nil else {
            for b in 0..<rows.stride / 8 { row.put(.zero, 8 * b) }
            return
        }
        recurrence?.inputs.setForecast(customer, rows, at: time)
        recurrence?.forecast(time == nil ? .next : .nextAtTime, place, rows, into: row)
        let share = rows.dense(.networkShare)
        recurrence?.forecast(.share, place, rows, into: share)
        let weight = customer.shareWeights[ShareExpert.network.rawValue]
        for b in 0..<rows.stride / 8 {
            row.put(FloatMath.atLeast(row.eight(8 * b), Self.leastLog), 8 * b)
            let part = weight * FloatMath.exp(share.eight(8 * b))
            for k in 8 * b..<min(partitions, 8 * b + 8) { blend.share[k] += part[k - 8 * b] }
        }
    }

    private func mixtureRow(_ customer: Customer, _ rows: ScratchRows) {
        let row = rows.row(.mixture)
        let weight = customer.nextWeights[Expert.network.rawValue]
        for b in 0..<rows.stride / 8 {
            let mixed = row.eight(8 * b) + weight * FloatMath.exp(rows.row(.network).eight(8 * b))
            row.put(FloatMath.atLeast(FloatMath.log(mixed), Self.leastLog), 8 * b)
        }
    }

    /// The pool's forecast; gives the mean of its inputs under it.
    private mutating func pool(_ w: SIMD16<Float>, _ rows: ScratchRows) -> SIMD16<Float> {
        let blocks = rows.stride / 8
        let out = rows.dense(.pool)
        for b in 0..<blocks {
            var z = pool.biases.eight(8 * b)
            for e in 0..<16 { z += w[e] * (rows.base + e * rows.stride).eight(8 * b) }
            out.put(z, 8 * b)
        }
        normalise(out, blocks)
        var means = InlineArray<16, SIMD8<Float>>(repeating: .zero)
        for b in 0..<blocks {
            let p = FloatMath.exp(out.eight(8 * b))
            for e in 0..<16 { means[e] += p * (rows.base + e * rows.stride).eight(8 * b) }
        }
        var mean = SIMD16<Float>()
        for e in 0..<16 { mean[e] = FixedShare.sum(means[e]) }
        calibrate(rows)
        return mean
    }

    /// The calibrated forecast, into `blend.next` too.
    private mutating func calibrate(_ rows: ScratchRows) {
        let (pooled, out) = (rows.dense(.pool), rows.dense(.forecast))
        var best = 0
        for k in 1..<max(1, partitions) where pooled[k] > pooled[best] { best = k }
        top = calibration.top(best, said: FloatMath.exp(SIMD8(repeating: pooled[best]))[0])
        let shifts = FloatMath.log(SIMD8(top.taken, (1 - top.taken) / (1 - top.said), 1, 1, 1, 1, 1, 1))
        for b in 0..<rows.stride / 8 { out.put(pooled.eight(8 * b) + shifts[1], 8 * b) }
        out[best] = shifts[0]
        for b in 0..<rows.stride / 8 {
            let p = FloatMath.exp(out.eight(8 * b))
            for k in 8 * b..<min(partitions, 8 * b + 8) { blend.next[k] = p[k - 8 * b] }
        }
    }

    /// Shifts logarithms so that what they are of sums to 1.
    private func normalise(_ logs: UnsafeMutablePointer<Float>, _ blocks: Int) {
        var top = SIMD8<Float>(repeating: -.greatestFiniteMagnitude)
        for b in 0..<blocks {
            let z = logs.eight(8 * b)
            top = top.replacing(with: z, where: z .> top)
        }
        let highest = top.max()
        var total = SIMD8<Float>()
        for b in 0..<blocks { total += FloatMath.exp(logs.eight(8 * b) - highest) }
        let shift = highest + FloatMath.log(SIMD8(repeating: FixedShare.sum(total)))[0]
        for b in 0..<blocks { logs.put(logs.eight(8 * b) - shift, 8 * b) }
    }

    /// Keeps the forecast that was just made of the customer.
    mutating func keepForecast(_ place: Int) {
        let hasNetwork = recurrence != nil
        withScratch { engine, rows in
            engine.forecasts.keep(place, .pool, rows.dense(.forecast))
            if !hasNetwork { return }
            engine.forecasts.keep(place, .network, rows.row(.network))
            engine.forecasts.keep(place, .networkShare, rows.dense(.networkShare))
        }
    }
}
