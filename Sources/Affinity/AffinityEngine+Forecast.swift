import Contracts

extension AffinityEngine {
    /// Log probabilities below this count as this in the pool.
    static let leastLog: Float = -13.8

    /// Forecasts the customer's next access and its share, into `blend`; gives the mean of the pool's inputs
    /// under its own forecast. `time` is that of the access, if it is known.
    ///
    /// The scratch holds the rows the forecast was made of.
    mutating func forecast(_ customer: Customer, at time: EventTime?) -> SIMD16<Float> {
        let places = ContextPlaces(Contexts(customer), population.contexts)
        let weekPart = time.map { EventClock.weekPart($0) }
        let weights = pool.weights(pool.sets(customer))
        return withScratch { engine, rows in
            let moment = engine.experts.prepare(
                customer, places, engine.history, engine.population, weekPart: weekPart, rows)
            engine.expertRows(customer, moment, isTimeKnown: weekPart != nil, rows)
            engine.networkRows(customer, rows)
            engine.mixtureRow(rows)
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

    private mutating func networkRows(_ customer: borrowing Customer, _ rows: ScratchRows) {
        for b in 0..<rows.stride / 8 { rows.row(Expert.network).put(.zero, 8 * b) }
    }

    private func mixtureRow(_ rows: ScratchRows) {
        let row = rows.row(Expert.mixture)
        for b in 0..<rows.stride / 8 {
            row.put(FloatMath.atLeast(FloatMath.log(row.eight(8 * b)), Self.leastLog), 8 * b)
        }
    }

    /// The pool's forecast into `blend.next`; gives the mean of its inputs under it. The network's row of the
    /// share is of no more use: the logarithms of the forecast take its place.
    private mutating func pool(_ w: SIMD16<Float>, _ rows: ScratchRows) -> SIMD16<Float> {
        let blocks = rows.stride / 8
        let out = rows.dense(.own)
        var top = SIMD8<Float>(repeating: -.greatestFiniteMagnitude)
        for b in 0..<blocks {
            var z = pool.biases.eight(8 * b)
            for e in 0..<16 { z += w[e] * (rows.base + e * rows.stride).eight(8 * b) }
            out.put(z, 8 * b)
            top = top.replacing(with: z, where: z .> top)
        }
        let highest = top.max()
        var total = SIMD8<Float>()
        for b in 0..<blocks {
            let p = FloatMath.exp(out.eight(8 * b) - highest)
            total += p
        }
        var sum = FixedShare.sum(total)
        let shift = highest + FloatMath.log(SIMD8(repeating: sum))[0]
        var means = InlineArray<16, SIMD8<Float>>(repeating: .zero)
        sum = 0
        for b in 0..<blocks {
            let log = out.eight(8 * b) - shift
            out.put(log, 8 * b)
            let p = FloatMath.exp(log)
            for e in 0..<16 { means[e] += p * (rows.base + e * rows.stride).eight(8 * b) }
            for k in 8 * b..<min(partitions, 8 * b + 8) { blend.next[k] = p[k - 8 * b] }
        }
        var mean = SIMD16<Float>()
        for e in 0..<16 { mean[e] = FixedShare.sum(means[e]) }
        return mean
    }

    /// Keeps the forecast that was just made of the customer.
    mutating func keepForecast(_ place: Int) {
        scratch.values.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            forecasts.keep(place, .pool, base + Scratch.Row.own.rawValue * scratch.stride)
        }
    }
}
