/// The units of one span of shares, and what they add up to by variant.
struct Stratum: Sendable {
    /// The number of the span.
    let span: Int
    private var units = UnitTable()
    private(set) var arms: [ArmSums]

    init(span: Int, variants: Int) {
        self.span = span
        arms = Array(repeating: ArmSums(), count: variants)
    }

    /// All outcomes used: the weight of the stratum.
    private(set) var outcomes: Int64 = 0

    /// Adds an outcome to a unit.
    mutating func record(
        _ unit: UInt64, variant: Int, latency: Int64, isError: Bool, isRemote: Bool, unitsMax: Int
    ) -> RecordUse {
        guard
            let before = units.add(
                unit, latency: latency, isError: isError, isRemote: isRemote, limit: unitsMax)
        else { return .overLimit }
        if !before.isExposed { return .waiting }
        outcomes += 1
        arms[variant].add(latency: latency, isError: isError, isRemote: isRemote, to: before)
        return .used
    }

    /// Forgets a unit; what it added to the sums stays.
    mutating func forget(_ unit: UInt64) { units.remove(unit) }

    /// Exposes a unit. `released` is how many outcomes have waited for that.
    mutating func expose(
        _ unit: UInt64, variant: Int, unitsMax: Int
    ) -> (use: RecordUse, released: Int64) {
        guard let before = units.expose(unit, limit: unitsMax) else { return (.overLimit, 0) }
        if before.isExposed { return (.repeated, 0) }
        outcomes += Int64(before.outcomes)
        arms[variant].expose(before)
        return (.used, Int64(before.outcomes))
    }
}

/// A variant and the control compared, over all strata.
///
/// Where shares change over time, what changes with time as well, such as the load, would be taken for an effect of
/// the variant that had most of the traffic by then. So both are compared within each span of shares, and the
/// differences are averaged, each by the span's outcomes of all variants: the sum of w d / the sum of w, with
/// variance (the sum of w^2 v) / (the sum of w)^2. That is what weighting outcomes by the inverse of their share
/// would estimate. The weights do not depend on which variant had which share, so that the average is not biased by
/// how shares came about; and as units are drawn anew in each span, the differences of spans are uncorrelated.
struct PairSums: Sendable, Equatable {
    /// Units that control and variant must both have in a stratum, for it to count: fewer have no variance to speak
    /// of.
    static let unitsLeast: Int64 = 10

    private var weight = 0.0
    private var sums = Pair()

    /// Adds a stratum.
    @inline(__always)
    mutating func add(_ stratum: borrowing Stratum, variant place: Int, _ metric: Metric) {
        let units = min(stratum.arms[0].units, stratum.arms[place].units)
        guard units >= Self.unitsLeast, let control = stratum.arms[0].estimate(metric),
            let variant = stratum.arms[place].estimate(metric)
        else { return }
        let weight = Double(stratum.outcomes)
        self.weight += weight
        sums.add(Pair(control: control, variant: variant), weight: weight)
    }

    /// The weighted means, or nil if there is no stratum yet.
    @inline(__always)
    var means: Pair? {
        guard weight > 0 else { return nil }
        var means = Pair()
        means.add(sums, weight: 1 / weight)
        return means
    }
}

/// Strata that no record is added to any more: their sums without their units.
struct ClosedStrata: Sendable {
    /// One a variant, for display.
    var totals: [ArmTotals]
    /// By variant, then metric; those of the control are empty.
    private var pairs: [PairSums]

    init(variants: Int) {
        totals = Array(repeating: ArmTotals(), count: variants)
        pairs = Array(repeating: PairSums(), count: variants * Metric.allCases.count)
    }

    mutating func add(_ stratum: borrowing Stratum) {
        for variant in totals.indices {
            totals[variant].add(stratum.arms[variant])
            if variant == 0 { continue }
            for metric in Metric.allCases {
                pairs[Self.place(variant, metric)].add(stratum, variant: variant, metric)
            }
        }
    }

    /// The sums of a variant and the control.
    @inline(__always)
    func pair(_ variant: Int, _ metric: Metric) -> PairSums { pairs[Self.place(variant, metric)] }

    @inline(__always)
    private static func place(_ variant: Int, _ metric: Metric) -> Int {
        let column =
            switch metric {
            case .latency: 0
            case .errors: 1
            case .remoteReads: 2
            }
        return variant * Metric.allCases.count + column
    }
}

/// Totals of a variant over all strata.
struct ArmTotals: Sendable, Equatable {
    private(set) var exposed: Int64 = 0
    private(set) var units: Int64 = 0
    private(set) var outcomes: Int64 = 0
    private var latency = WideSum()
    private var errors = WideSum()
    private var remoteReads = WideSum()

    mutating func add(_ arm: ArmSums) {
        exposed += arm.exposed
        units += arm.units
        outcomes += arm.outcomes
        latency.add(arm.latency.sum)
        errors.add(arm.errors.sum)
        remoteReads.add(arm.remoteReads.sum)
    }

    /// The mean over outcomes, or nil without any.
    func mean(_ metric: Metric) -> Double? {
        if outcomes == 0 { return nil }
        let sum =
            switch metric {
            case .latency: latency
            case .errors: errors
            case .remoteReads: remoteReads
            }
        return sum.value / Double(outcomes)
    }
}
