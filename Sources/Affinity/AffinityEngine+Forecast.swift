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
        _ customer: Customer, _ moment: Experts.Moment, isTimeKnown: Bool, _ rows: ScratchRows
    ) {
        let (stride, base) = (rows.stride, rows.base)
        for b in 0..<stride / 8 {
            let p = experts.block(b, moment, population, rows)
            for e in 0..<Expert.rows { base.put(p[e], e * stride + 8 * b) }
        }
        Kernels.mix(customer.nextWeights, base, stride, count: Expert.rows, to: rows.row(.mixture))
        mixShare(customer, moment, rows)
        let known = isTimeKnown ? Expert.rows : Expert.atHour.rawValue
        Kernels.logarithms(base, count: known * stride, least: Self.leastLog)
        if isTimeKnown { return }
        for b in 0..<stride / 8 { rows.row(.atHour).put(.zero, 8 * b) }
    }

    /// The share, as far as experts have a part in it.
    private mutating func mixShare(_ customer: Customer, _ moment: Experts.Moment, _ rows: ScratchRows) {
        let s = customer.shareWeights
        let point = (s[ShareExpert.home.rawValue] + s[ShareExpert.last.rawValue]) * pointFloor
        let row = rows.dense(.share)
        for b in 0..<rows.stride / 8 {
            var share = SIMD8<Float>(repeating: point)
            share += s[ShareExpert.short.rawValue] * rows.row(.short).eight(8 * b)
            share += s[ShareExpert.medium.rawValue] * rows.row(.medium).eight(8 * b)
            share += s[ShareExpert.long.rawValue] * rows.row(.long).eight(8 * b)
            share += s[ShareExpert.fading.rawValue] * rows.row(.fading).eight(8 * b)
            share += s[ShareExpert.global.rawValue] * rows.row(.global).eight(8 * b)
            row.put(share, 8 * b)
        }
        row[Int(customer.home)] += s[ShareExpert.home.rawValue] * (pointPeak - pointFloor)
        row[moment.last] += s[ShareExpert.last.rawValue] * (pointPeak - pointFloor)
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
        let mixed = rows.dense(.share)
        for b in 0..<rows.stride / 8 {
            row.put(FloatMath.atLeast(row.eight(8 * b), Self.leastLog), 8 * b)
            mixed.put(mixed.eight(8 * b) + weight * FloatMath.exp(share.eight(8 * b)), 8 * b)
        }
    }

    private func mixtureRow(_ customer: Customer, _ rows: ScratchRows) {
        let row = rows.row(.mixture)
        let weight = customer.nextWeights[Expert.network.rawValue]
        if weight > 0 {
            for b in 0..<rows.stride / 8 {
                row.put(row.eight(8 * b) + weight * FloatMath.exp(rows.row(.network).eight(8 * b)), 8 * b)
            }
        }
        Kernels.logarithms(row, count: rows.stride, least: Self.leastLog)
    }

    /// The pool's forecast; gives the mean of its inputs under it.
    private mutating func pool(_ w: SIMD16<Float>, _ rows: ScratchRows) -> SIMD16<Float> {
        let blocks = rows.stride / 8
        let out = rows.dense(.pool)
        for b in 0..<blocks { out.put(pool.biases.eight(8 * b), 8 * b) }
        Kernels.add(w, rows.base, rows.stride, count: 16, to: out)
        normalise(out, blocks)
        let p = rows.dense(.forecast)
        for b in 0..<blocks { p.put(FloatMath.exp(out.eight(8 * b)), 8 * b) }
        var mean = SIMD16<Float>()
        for e in 0..<16 { mean[e] = Kernels.dot(p, rows.base + e * rows.stride, count: rows.stride) }
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
            rows.dense(.own).put(p, 8 * b)
        }
        blend.take(next: rows.dense(.own), share: rows.dense(.share))
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
