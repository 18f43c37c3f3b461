import Contracts

/// A customer's rhythm: how often it comes, and what its silence means.
struct Rhythm {
    private let smoothing: Double
    private let firstGap: Double
    private let gapFloor: Double
    private let churnGaps: Double
    private let dormantGaps: Double
    private let silenceMax: Int64
    private let newAccesses: UInt32

    init(_ configuration: AffinityConfiguration) {
        smoothing = configuration.gapSmoothing
        firstGap = Double(configuration.firstGapMillis)
        gapFloor = Double(configuration.gapFloorMillis)
        churnGaps = configuration.churnGaps
        dormantGaps = configuration.dormantGaps
        silenceMax = configuration.silenceMaxMillis
        newAccesses = UInt32(configuration.newAccesses)
    }

    /// Adds an access `gap` milliseconds after the last one; the customer's first has none.
    ///
    /// The mean is a plain one until its weights fall to the smoothing factor, so that the first gap does
    /// not outweigh the others.
    func add(gap: Int64, bytes: Int64, to customer: inout Customer) {
        let n = Double(customer.accesses)
        if n == 0 {
            customer.gap = firstGap
        } else {
            customer.gap += (Double(gap) - customer.gap) * max(smoothing, n < 8 ? 1 / n : 0)
        }
        if bytes > 0 {
            let weight = customer.bytes == 0 ? 1 : Float(smoothing)
            customer.bytes += (Float(bytes) - customer.bytes) * weight
        }
        if customer.accesses < .max { customer.accesses += 1 }
    }

    /// The stage after that much silence, in milliseconds.
    func stage(_ customer: borrowing Customer, silence: Int64) -> Stage {
        if customer.accesses == 0 { return .new }
        if silence > dormantAfter(customer) { return .dormant }
        if customer.accesses < newAccesses { return .new }
        return silence > churnAfter(customer) ? .churnRisk : .active
    }

    /// The silence, in milliseconds, that must be exceeded for the next stage; nil if there is none.
    func silenceToNextStage(_ customer: borrowing Customer) -> Int64? {
        switch customer.stage {
        case .new: customer.accesses == 0 ? nil : dormantAfter(customer)
        case .active: churnAfter(customer)
        case .churnRisk: dormantAfter(customer)
        case .dormant: nil
        }
    }

    /// Expected accesses in thousandths per day: by the smoothed gap, or by the silence if that is longer.
    func rateMilli(_ customer: borrowing Customer, silence: Int64) -> Int64 {
        if customer.accesses == 0 { return 0 }
        return Int64(86_400_000_000 / max(customer.gap, Double(silence), 1))
    }

    /// Expected bytes per day at that rate.
    func volume(_ customer: borrowing Customer, rateMilli: Int64) -> Int64 {
        Int64(min(Double(rateMilli) * Double(customer.bytes) / 1_000, 9_007_199_254_740_992))
    }

    private func churnAfter(_ customer: borrowing Customer) -> Int64 {
        Int64(min(max(customer.gap, gapFloor) * churnGaps, Double(silenceMax)))
    }

    /// A new customer has no rhythm yet: only the longest silence counts.
    private func dormantAfter(_ customer: borrowing Customer) -> Int64 {
        if customer.accesses < newAccesses { return silenceMax }
        return Int64(min(max(customer.gap, gapFloor) * dormantGaps, Double(silenceMax)))
    }
}
