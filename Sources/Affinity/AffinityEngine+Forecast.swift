import Contracts

extension AffinityEngine {
    /// Log probabilities below this count as this in the pool.
    static let leastLog: Float = -13.8

    /// Forecasts the access of the customer at `place` that comes, and its share, into `blend`; `time` is that of
    /// the access, if it is known.
    ///
    /// The scratch holds the rows the forecast was made of.
    mutating func forecast(_ place: Int, _ customer: borrowing Customer, at time: EventTime?) {
        let rows = scratch.take()
        let moment = expertRows(customer, at: time, rows)
        mixShare(customer, moment, rows)
        logarithms(isTimeKnown: time != nil, rows)
        networkRows(place, customer, at: time, rows)
        pool(customer, rows)
        calibrate(rows)
    }

    /// Makes the pool's forecast anew, as far as it is learned from: of what the network said when it was kept, and
    /// of what all others say now.
    mutating func pool(_ place: Int, _ customer: borrowing Customer) {
        let rows = scratch.take()
        _ = expertRows(customer, at: nil, rows)
        logarithms(isTimeKnown: false, rows)
        if recurrence != nil {
            forecasts.copy(place, .network, to: rows.row(.network))
        } else {
            for b in 0..<rows.stride / 8 { rows.row(.network).put(.zero, 8 * b) }
        }
        pool(customer, rows)
    }

    /// The experts' rows, as probabilities; the mixture's, as far as they have a part in it.
    private mutating func expertRows(
        _ customer: borrowing Customer, at time: EventTime?, _ rows: ScratchRows
    ) -> Experts.Moment {
        let places = ContextPlaces(Contexts(customer), population.contexts)
        let moment = experts.prepare(
            customer, places, history, population, weekPart: time.map { EventClock.weekPart($0) }, rows)
        let (stride, base) = (rows.stride, rows.base)
        for b in 0..<stride / 8 { experts.block(b, moment, population, rows, to: base + 8 * b, stride) }
        rows.block.put(customer.nextWeights)
        Kernels.mixExperts(rows.block, base, stride, to: rows.row(.mixture))
        return moment
    }

    /// The experts' rows, as logarithms.
    private func logarithms(isTimeKnown: Bool, _ rows: ScratchRows) {
        let known = isTimeKnown ? Expert.rows : Expert.atHour.rawValue
        Kernels.logarithms(rows.base, count: known * rows.stride)
        if isTimeKnown { return }
        for b in 0..<rows.stride / 8 { rows.row(.atHour).put(.zero, 8 * b) }
    }

    /// The share, as far as experts have a part in it.
    private mutating func mixShare(
        _ customer: borrowing Customer, _ moment: Experts.Moment, _ rows: ScratchRows
    ) {
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
        _ place: Int, _ customer: borrowing Customer, at time: EventTime?, _ rows: ScratchRows
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

    private func mixtureRow(_ customer: borrowing Customer, _ rows: ScratchRows) {
        let row = rows.row(.mixture)
        let weight = customer.nextWeights[Expert.network.rawValue]
        if weight > 0 {
            for b in 0..<rows.stride / 8 {
                row.put(row.eight(8 * b) + weight * FloatMath.exp(rows.row(.network).eight(8 * b)), 8 * b)
            }
        }
        Kernels.logarithms(row, count: rows.stride)
    }

    /// The mixture's row, and the pool's forecast.
    private mutating func pool(_ customer: borrowing Customer, _ rows: ScratchRows) {
        mixtureRow(customer, rows)
        let out = rows.dense(.pool)
        for b in 0..<rows.stride / 8 { out.put(pool.biases.eight(8 * b), 8 * b) }
        rows.block.put(pool.weights(pool.sets(customer)))
        Kernels.pool(rows.block, rows.base, rows.stride, to: out)
        Kernels.normalise(out, count: rows.stride)
        var best = 0
        for k in 1..<max(1, partitions) where out[k] > out[best] { best = k }
        top = calibration.top(best, said: FloatMath.exp(SIMD8(repeating: out[best]))[0])
    }

    /// The calibrated forecast, into `blend` too, with the share.
    private mutating func calibrate(_ rows: ScratchRows) {
        let (pooled, out) = (rows.dense(.pool), rows.dense(.forecast))
        let shifts = FloatMath.log(SIMD8(top.taken, (1 - top.taken) / (1 - top.said), 1, 1, 1, 1, 1, 1))
        for b in 0..<rows.stride / 8 { out.put(pooled.eight(8 * b) + shifts[1], 8 * b) }
        out[top.partition] = shifts[0]
        Kernels.exponentials(out, count: rows.stride, to: rows.dense(.own))
        blend.take(next: rows.dense(.own), share: rows.dense(.share))
    }

    /// Keeps the forecast that was just made of the customer.
    mutating func keepForecast(_ place: Int) {
        let rows = scratch.take()
        forecasts.keep(place, .pool, rows.dense(.forecast))
        if recurrence == nil { return }
        forecasts.keep(place, .network, rows.row(.network))
        forecasts.keep(place, .networkShare, rows.dense(.networkShare))
    }
}
