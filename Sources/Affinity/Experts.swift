import Contracts

/// What the experts give, in blocks of eight partitions: one formula for forecasts, which take all blocks, and
/// for scores, which take the one of the access.
///
/// Each expert is the customer's counts plus a multiple of something coarser, over their sum (additive smoothing
/// towards the coarser distribution: Jelinek and Mercer 1980; Chen and Goodman 1999 compare such chains).
struct Experts {
    let stride: Int
    private let smoothing: Float
    private let rowSmoothing: Float
    /// How many accesses' worth of medium counts smooth the counts of an hour.
    private let hourSmoothing: Float

    init(_ configuration: AffinityConfiguration, stride: Int) {
        self.stride = stride
        smoothing = Float(configuration.globalBackoff)
        rowSmoothing = Float(configuration.rowBackoff)
        hourSmoothing = Float(configuration.rowBackoff + 1)
    }

    /// What is the same for all partitions of one customer at one moment.
    struct Moment {
        var places: ContextPlaces
        var mass: Fading
        var ownSum: Float
        var contextSum: Float
        var hourSum: Float
        var atHourSum: Float
        /// The probability of staying, and what staying and leaving are worth beside it.
        var stay: Float
        var leave: Float
        var last: Int
    }

    /// Spreads out the customer's counts. Without `weekPart`, the part of the week in which the access will be
    /// is not known.
    @inline(__always)
    func prepare(
        _ customer: borrowing Customer, _ places: ContextPlaces, _ history: borrowing History,
        _ population: borrowing Population, weekPart: UInt8?, _ rows: ScratchRows
    ) -> Moment {
        let dense = rows.dense(.own)
        for i in 0..<8 * stride / 8 { dense.put(.zero, 8 * i) }
        let own = history.transitions.spread(customer.last, of: customer.transitions, to: rows.dense(.own))
        let context = history.contexts.spread(
            Contexts.row(customer), of: customer.contexts, to: rows.dense(.context))
        let hour = history.hours.spread(
            UInt16(customer.weekPart), of: customer.hours, to: rows.dense(.hour))
        var atHour: Float = 0
        if let weekPart {
            atHour = history.hours.spread(
                UInt16(weekPart) + EventClock.weekParts, of: customer.hours, to: rows.dense(.atHour))
        }
        for i in customer.slots.range {
            let slot = history.slots.elements[i]
            let k = Int(slot.partition)
            rows.dense(.short)[k] = slot.counts[0]
            rows.dense(.medium)[k] = slot.counts[1]
            rows.dense(.long)[k] = slot.counts[2]
            rows.dense(.fading)[k] = slot.counts[3]
        }
        var moment = Moment(
            places: places, mass: customer.mass, ownSum: own, contextSum: context, hourSum: hour,
            atHourSum: atHour, stay: population.stays.chance(Stays.place(customer)), leave: 0,
            last: Int(customer.last))
        // Those who leave go where the medium counts and the population's transitions say, half and half.
        let k = moment.last
        let global = population.frequency[k]
        let medium = (rows.dense(.medium)[k] + smoothing * global) / (moment.mass[1] + smoothing)
        let transition = population.contexts.smooth(places.transition, at: k, smoothing, global)
        let atLast = 0.5 * medium + 0.5 * transition
        moment.leave = (1 - moment.stay) / max(1 - atLast, 1e-6)
        return moment
    }

    /// What each expert gives the eight partitions of a block: eight numbers at `out`, and at every `step` further
    /// on those of the next expert.
    @inline(__always)
    func block(
        _ index: Int, _ moment: Moment, _ population: borrowing Population, _ rows: ScratchRows,
        to out: UnsafeMutablePointer<Float>, _ step: Int
    ) {
        let at = index * 8
        let global = population.frequency.eight(at)
        let transition = population.contexts.smooth(moment.places.transition, at, smoothing, global)
        let second = population.contexts.smooth(moment.places.second, at, rowSmoothing, transition)
        let place = population.contexts.smooth(moment.places.place, at, rowSmoothing, transition)
        let kind = population.contexts.smooth(moment.places.kind, at, rowSmoothing, transition)
        let context = population.contexts.smooth(moment.places.context, at, rowSmoothing, kind)
        let home = population.contexts.smooth(moment.places.home, at, rowSmoothing, transition)
        let own = rows.dense(.own).eight(at)
        let mass = moment.mass
        let short = (rows.dense(.short).eight(at) + smoothing * global) / (mass[0] + smoothing)
        let medium = (rows.dense(.medium).eight(at) + smoothing * global) / (mass[1] + smoothing)
        let long = (rows.dense(.long).eight(at) + smoothing * global) / (mass[2] + smoothing)
        let fading = (rows.dense(.fading).eight(at) + global) / (mass[3] + 1)
        let hour =
            (rows.dense(.hour).eight(at) + hourSmoothing * medium)
            / (moment.hourSum + hourSmoothing)
        let atHour =
            (rows.dense(.atHour).eight(at) + hourSmoothing * medium)
            / (moment.atHourSum + hourSmoothing)
        let ownBy = 1 / (moment.ownSum + rowSmoothing)
        var last = (medium + transition) * (0.5 * moment.leave)
        if moment.last / 8 == index { last[moment.last % 8] = moment.stay }
        out.put(global, 0)
        out.put(population.recent.eight(at), step)
        out.put(home, 2 * step)
        out.put(last, 3 * step)
        out.put(short, 4 * step)
        out.put(medium, 5 * step)
        out.put(long, 6 * step)
        out.put(fading, 7 * step)
        out.put(hour, 8 * step)
        out.put((own + rowSmoothing * transition) * ownBy, 9 * step)
        out.put((own + rowSmoothing * second) * ownBy, 10 * step)
        out.put((own + rowSmoothing * place) * ownBy, 11 * step)
        let ofContext = rows.dense(.context).eight(at) + rowSmoothing * context
        out.put(ofContext / (moment.contextSum + rowSmoothing), 12 * step)
        out.put(atHour, 13 * step)
    }
}

extension [Float] {
    /// The eight numbers from `index` on.
    @inline(__always)
    func eight(_ index: Int) -> SIMD8<Float> {
        precondition(index + 8 <= count, "a block within the rows")
        return withUnsafeBufferPointer { $0.baseAddress.map { $0.eight(index) } ?? .zero }
    }
}
