import Contracts

/// The experts: each gives every partition a probability of the customer's next access.
///
/// - home, last: the partition itself, with a floor for the others.
/// - short, medium, long: decayed counts, smoothed by the population's frequencies.
/// - hour: what followed the customer's accesses in this hour of the week, smoothed by medium.
/// - markov: what followed the customer's accesses in this partition, smoothed by what followed any
///   customer's, itself smoothed by the population's frequencies.
/// - global: the population's frequencies.
///
/// Each is a few sparse counts plus a multiple of the population's frequencies plus, for markov, a multiple
/// of one row of its transitions. So is each mixture: one dense pass makes both.
struct Experts {
    private let partitions: Int
    private let smoothing: Float
    private let rowSmoothing: Float
    private let floor: Float
    private let peak: Float

    init(_ configuration: AffinityConfiguration, partitions: Int) {
        self.partitions = partitions
        smoothing = Float(configuration.globalBackoff)
        rowSmoothing = Float(configuration.rowBackoff)
        let whole = 1 + Double(partitions) * configuration.pointFloor
        floor = Float(configuration.pointFloor / whole)
        peak = Float((1 + configuration.pointFloor) / whole)
    }

    /// What each expert of `next` gives `partition`.
    @inline(__always)
    func score(
        _ customer: borrowing Customer, _ partition: PartitionIndex, _ history: borrowing History,
        _ population: borrowing Population
    ) -> SIMD8<Float> {
        let k = Int(partition)
        let global = population.frequency[k]
        let counts = history.counts(customer, at: partition)
        let medium = (counts.medium + smoothing * global) / (customer.mass.medium + smoothing)
        let hourRow = history.hours.row(customer.hour, of: customer.hours)
        let hour = history.hours.weights(hourRow, column: k)
        let ownRow = history.transitions.row(customer.last, of: customer.transitions)
        let own = history.transitions.weights(ownRow, column: k)
        let last = Int(customer.last)
        let common =
            (Float(population.transitions[last * partitions + k]) + smoothing * global)
            / (population.rowSums[last] + smoothing)
        return SIMD8(
            partition == customer.home ? peak : floor,
            partition == customer.last ? peak : floor,
            (counts.short + smoothing * global) / (customer.mass.short + smoothing),
            medium,
            (counts.long + smoothing * global) / (customer.mass.long + smoothing),
            (hour.at + rowSmoothing * medium) / (hour.sum + rowSmoothing),
            (own.at + rowSmoothing * common) / (own.sum + rowSmoothing),
            global)
    }

    /// Those of the scores that the experts of `share` have in common with `next`.
    @inline(__always)
    func slow(_ scores: SIMD8<Float>) -> SIMD4<Float> { SIMD4(scores[0], scores[2], scores[3], scores[4]) }

    /// Mixes the experts' distributions by the customer's weights into `next` and `share`.
    func blend(
        _ customer: borrowing Customer, _ history: borrowing History, _ population: borrowing Population,
        next nextValues: inout [Float], share shareValues: inout [Float]
    ) {
        var next = nextValues.mutableSpan
        var share = shareValues.mutableSpan
        let w = customer.nextWeights
        let s = customer.shareWeights
        let mass = customer.mass
        let hourRow = history.hours.row(customer.hour, of: customer.hours)
        let ownRow = history.transitions.row(customer.last, of: customer.transitions)
        let hour = w[5] / (history.hours.weights(hourRow, column: 0).sum + rowSmoothing)
        let own = w[6] / (history.transitions.weights(ownRow, column: 0).sum + rowSmoothing)
        let last = Int(customer.last)
        let common = own * rowSmoothing / (population.rowSums[last] + smoothing)
        let nextBy = Fading(
            short: w[2] / (mass.short + smoothing),
            medium: (w[3] + hour * rowSmoothing) / (mass.medium + smoothing),
            long: w[4] / (mass.long + smoothing))
        let shareBy = Fading(
            short: s[1] / (mass.short + smoothing), medium: s[2] / (mass.medium + smoothing),
            long: s[3] / (mass.long + smoothing))

        let nextGlobal = (nextBy.short + nextBy.medium + nextBy.long + common) * smoothing + w[7]
        let shareGlobal = (shareBy.short + shareBy.medium + shareBy.long) * smoothing
        let nextFloor = (w[0] + w[1]) * floor
        let shareFloor = s[0] * floor
        let row = last * partitions
        for k in 0..<partitions {
            let global = population.frequency[k]
            next[k] = nextFloor + nextGlobal * global + common * Float(population.transitions[row + k])
            share[k] = shareFloor + shareGlobal * global
        }

        next[Int(customer.home)] += w[0] * (peak - floor)
        next[last] += w[1] * (peak - floor)
        share[Int(customer.home)] += s[0] * (peak - floor)
        for i in customer.slots.range {
            let slot = history.slots.elements[i]
            let c = slot.counts
            let k = Int(slot.partition)
            next[k] += nextBy.short * c.short + nextBy.medium * c.medium + nextBy.long * c.long
            share[k] += shareBy.short * c.short + shareBy.medium * c.medium + shareBy.long * c.long
        }
        for i in hourRow {
            let pair = history.hours.pool.elements[i]
            next[pair.column] += hour * pair.weight
        }
        for i in ownRow {
            let pair = history.transitions.pool.elements[i]
            next[pair.column] += own * pair.weight
        }
    }
}
