/// What a dashboard shows of an experiment.
public struct ExperimentReport: Sendable, Equatable {
    /// The experiment's name.
    public var name: String
    /// What decides.
    public var goal: Metric
    /// One a variant, the control first.
    public var variants: [VariantReport]
    /// Whether units came in the shares they were to come in.
    public var sampleRatio: SampleRatioReport
    /// One a guard and variant other than the control.
    public var guards: [GuardResult]
    /// What was not used, and why.
    public var apart: OutcomesApart
    /// What to do, or nil as long as that is not clear.
    public var proposal: Proposal?
    /// Whether that may be adopted without a person.
    public var adoptsAutomatically: Bool
}

/// How a variant does.
public struct VariantReport: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Its share by the latest decision, in thousandths.
    public var shareMilli: Int64
    /// Units exposed.
    public var exposed: Int64
    /// Exposed units with outcomes.
    public var units: Int64
    /// Outcomes used.
    public var outcomes: Int64
    /// One a metric, in the order of `Metric.allCases`.
    public var metrics: [MetricReport]
}

/// How a variant does in one metric.
public struct MetricReport: Sendable, Equatable {
    /// The metric.
    public var metric: Metric
    /// The plain mean over all outcomes used, or nil without any. Where shares change, compare what `comparison` has.
    public var mean: Double?
    /// Held against the control; nil for the control itself, and as long as there are too few units. Corrected for
    /// the number of variants, not for that of metrics: the goal decides.
    public var comparison: Comparison?
}

/// Whether units came in the shares they were to come in.
public struct SampleRatioReport: Sendable, Equatable {
    /// Units exposed, one a variant.
    public var observed: [Int64]
    /// How many of them were to be expected.
    public var expected: [Double]
    /// The chance, at most, of ever having had such counts if the shares were right.
    public var p: Double
    /// Whether p was ever under 0.001: then nothing is compared, and the cause must be found.
    public var isMismatch: Bool
}

/// What a guard says of a variant.
public struct GuardResult: Sendable, Equatable {
    /// The variant.
    public var variant: String
    /// The guard.
    public var guardMetric: GuardMetric
    /// How far the variant's mean is beyond what is put up with; under 0 is good. Nil as long as too few units are
    /// known.
    public var excess: Double?
    /// Lower end of the interval of that, which holds at all looks for all guards and variants together.
    public var lower: Double?
    /// Whether harm beyond what is put up with is shown: the interval is above 0.
    public var isBreached: Bool
}

/// Records that were counted and not used.
public struct OutcomesApart: Sendable, Equatable {
    /// Outcomes that wait for the exposure of their unit, or that waited in vain.
    public var unexposed: Int64 = 0
    /// Outcomes whose variant is not the one assigned.
    public var disagreeing: Int64 = 0
    /// Exposures whose variant is not the one assigned.
    public var exposuresDisagreeing: Int64 = 0
    /// Outcomes and exposures of spans that are closed.
    public var late: Int64 = 0
    /// Outcomes of a time in which a switchback settles.
    public var settling: Int64 = 0
    /// Outcomes and exposures beyond the limit of units, or of one unit's outcomes.
    public var overLimit: Int64 = 0

    /// Nothing apart.
    public init() {}
}

/// A variant that the evidence is for.
public struct Proposal: Sendable, Equatable {
    /// Its place; 0 is to keep the control, if all others are worse.
    public var variant: Int
    /// Its name.
    public var name: String
    /// Why, in words and figures.
    public var reason: String
}
