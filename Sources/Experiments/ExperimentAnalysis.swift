public import Contracts

/// What the data plane says of one routed request.
public struct Outcome: Sendable, Equatable {
    /// The place of the variant it was routed by; one that the experiment does not have disagrees with the
    /// assignment.
    public var variant: Int
    /// The place of the cell it belongs to, for a switchback.
    public var cell: Int
    /// Event time.
    public var time: EventTime
    /// How long it took. Negative counts as 0.
    public var latencyMicros: Int64
    /// Whether it failed.
    public var isError: Bool
    /// Whether it was served outside of the place it came from.
    public var isRemote: Bool

    /// An outcome of a request under that variant.
    public init(
        variant: Int, cell: Int = 0, time: EventTime, latencyMicros: Int64, isError: Bool = false,
        isRemote: Bool = false
    ) {
        self.variant = variant
        self.cell = cell
        self.time = time
        self.latencyMicros = latencyMicros
        self.isError = isError
        self.isRemote = isRemote
    }
}

/// What became of a record in the analysis.
public enum RecordUse: Sendable, Equatable {
    /// It counts.
    case used
    /// An exposure of a unit that was exposed before.
    case repeated
    /// An outcome whose unit was not yet seen exposed: it counts as soon as it is.
    case waiting
    /// Its variant is not the one assigned.
    case disagreeing
    /// Its span is closed.
    case late
    /// It is of a time in which a switchback settles.
    case settling
    /// There are as many units, or outcomes of the unit, as are kept.
    case overLimit
}

/// The fold of an experiment's exposures and outcomes.
///
/// A record costs the same however many there were. Units are kept in a table, at 64 to 128 bytes each; under a
/// bandit there are three tables at most. The estimates do not depend on the order of records (except of those
/// beyond a limit, or late), so two instances that have read the same records say the same, whichever topic
/// partition they read first. What remembers the past, the p-values, holds for any order and may differ in it.
///
/// Shares change by a bandit's decisions only. If somebody changes those of the definition, an analysis of the
/// changed one begins with the records from there on: to it, who has moved since then disagrees with the
/// assignment.
public struct ExperimentAnalysis: Sendable {
    /// How many spans of shares take records: the one in force, the one before for what is late, and one decided
    /// ahead.
    static let spansOpen = 3

    /// The experiment and its assignment.
    public private(set) var assignment: Assignment
    /// How many units are kept in each span.
    public let unitsMax: Int
    /// Records not used.
    public private(set) var apart = OutcomesApart()

    private(set) var sampleRatio: SampleRatio
    private(set) var closed: ClosedStrata
    private(set) var open: [Stratum]
    /// The span of the first of them.
    private var firstOpen = 0
    /// By variant, the logarithm of the most evidence that a look of the fold has found for its goal.
    private(set) var evidenceMax: [Double]
    private var outcomesUntilLook = Self.looksFirst
    // What each record needs, taken out of the experiment once.
    let goal: Metric
    let plannedEffect: Double
    let minimumUnits: Int64
    private let latencyLimit: Int64
    private let settling: Settling?

    /// The number of outcomes before the fold first looks itself.
    private static let looksFirst: Int64 = 16

    /// Throws what `Experiment.validate()` throws, and if `unitsMax` is not 100 to 100 million.
    public init(_ experiment: Experiment, unitsMax: Int = 1_000_000) throws(ExperimentFailure) {
        try Experiment.check("unitsMax", Int64(unitsMax), 100...100_000_000)
        assignment = try Assignment(experiment)
        self.unitsMax = unitsMax
        goal = experiment.goal
        plannedEffect = experiment.plannedEffect
        minimumUnits = experiment.minimumUnits
        latencyLimit = experiment.latencyLimitMicros
        settling = experiment.switchback.flatMap { Settling($0) }
        let variants = experiment.variants.count
        sampleRatio = SampleRatio(sharesMilli: experiment.variants.map(\.shareMilli))
        closed = ClosedStrata(variants: variants)
        open = [Stratum(span: 0, variants: variants)]
        evidenceMax = Array(repeating: 0, count: variants)
    }

    /// The experiment.
    public var experiment: Experiment { assignment.experiment }

    /// Folds in that `customer` came under a variant. Once for each `Assignment.unit` is enough; more do no harm.
    @discardableResult
    public mutating func expose(
        customer: RawSpan, variant: Int, cell: Int = 0, time: EventTime
    ) -> RecordUse {
        expose(hash: ByteHash.hash(customer), variant: variant, cell: cell, time: time)
    }

    /// The same for a customer's hash.
    mutating func expose(hash customer: UInt64, variant: Int, cell: Int, time: EventTime) -> RecordUse {
        let place = assignment.place(of: customer, cell: cell, at: time)
        if place.variant != variant {
            apart.exposuresDisagreeing += 1
            return .disagreeing
        }
        guard let stratum = stratum(place) else {
            apart.late += 1
            return .late
        }
        let (use, released) = open[stratum].expose(place.unit, variant: variant, unitsMax: unitsMax)
        apart.unexposed -= released
        if use == .overLimit { apart.overLimit += 1 }
        if use == .used {
            let shares = assignment.spans[place.span - assignment.firstSpan].sharesMilli
            sampleRatio.add(variant: variant, sharesMilli: shares)
        }
        return use
    }

    /// Folds in an outcome of `customer`.
    @discardableResult
    public mutating func record(_ outcome: Outcome, of customer: RawSpan) -> RecordUse {
        record(outcome, hash: ByteHash.hash(customer))
    }

    /// The same for a customer's hash.
    mutating func record(_ outcome: Outcome, hash customer: UInt64) -> RecordUse {
        let place = assignment.place(of: customer, cell: outcome.cell, at: outcome.time)
        if place.variant != outcome.variant {
            apart.disagreeing += 1
            return .disagreeing
        }
        if let settling, settling.holds(outcome.time) {
            apart.settling += 1
            return .settling
        }
        guard let stratum = stratum(place) else {
            apart.late += 1
            return .late
        }
        let use = open[stratum].record(
            place.unit, variant: place.variant,
            latency: max(0, min(outcome.latencyMicros, latencyLimit)), isError: outcome.isError,
            isRemote: outcome.isRemote, unitsMax: unitsMax)
        switch use {
        case .used:
            outcomesUntilLook -= 1
            if outcomesUntilLook <= 0 { look() }
        case .waiting: apart.unexposed += 1
        default: apart.overLimit += 1
        }
        return use
    }

    /// Which of the open strata takes the records of a place, or nil if it is closed. Their spans follow each other.
    @inline(__always)
    private func stratum(_ place: Assignment.Place) -> Int? {
        let stratum = place.span - firstOpen
        return stratum >= 0 && stratum < open.count ? stratum : nil
    }

    /// Folds in that `customer` is to be forgotten. What it added to the sums of its variant stays, which name
    /// nobody.
    ///
    /// Nothing is kept of a customer where cells switch.
    public mutating func forget(customer: RawSpan) {
        if experiment.switchback != nil { return }
        let unit = ByteHash.hash(customer)
        for stratum in open.indices { open[stratum].forget(unit) }
    }

    /// Folds in a decision about the shares of a bandit. Spans before the last three take no more records.
    /// After an error nothing has changed.
    public mutating func adopt(_ decision: ShareDecision) throws(ExperimentFailure) {
        try assignment.adopt(decision)
        let newest = assignment.firstSpan + assignment.spans.count - 1
        open.append(Stratum(span: newest, variants: experiment.variants.count))
        if open.count > Self.spansOpen {
            closed.add(open.removeFirst())
            firstOpen += 1
        }
    }

    /// Notes the evidence there is. Again when there is a sixty-fourth more: evidence hardly moves in between.
    private mutating func look() {
        var outcomes = closed.totals.reduce(0) { $0 + $1.outcomes }
        for place in open.indices { outcomes += open[place].outcomes }
        outcomesUntilLook = max(Self.looksFirst, outcomes / 64)
        for variant in evidenceMax.indices.dropFirst() {
            if let evidence = lnEvidence(of: variant) {
                evidenceMax[variant] = max(evidenceMax[variant], evidence)
            }
        }
    }
}

/// When a switchback settles.
private struct Settling: Sendable {
    private let blockMillis: Int64
    private let settleMillis: Int64

    /// Nil if it settles at once.
    init?(_ switchback: Switchback) {
        if switchback.settleMillis == 0 { return nil }
        blockMillis = switchback.blockMillis
        settleMillis = switchback.settleMillis
    }

    /// Whether `time` is so soon after a block's beginning that outcomes do not count.
    func holds(_ time: EventTime) -> Bool {
        let block = EventGrid.place(of: time, length: blockMillis)
        return time &- block &* blockMillis < settleMillis
    }
}
