/// A variant's mean held against the control's, as of now. Lower is better, so a negative difference is good.
public struct Comparison: Sendable, Equatable {
    /// The control's mean.
    public var control: Double
    /// The variant's mean, over the same strata with the same weights.
    public var variant: Double
    /// Variant - control.
    public var difference: Double
    /// Lower end of the interval of the difference. It holds at all looks, with `1 - alpha`, for all variants
    /// together.
    public var lower: Double
    /// Upper end of it.
    public var upper: Double
    /// Evidence against no difference: what a bet on one has made of 1.
    public var evidence: Double
    /// The chance, at most, of as much evidence at any look so far if there were no difference, times the number of
    /// variants other than the control (Bonferroni).
    public var p: Double

    /// A part of the control's mean in place of the metric's unit; 0 if that mean is 0.
    public func relative(_ value: Double) -> Double { control == 0 ? 0 : value / control }
    /// Whether the interval has only differences under 0.
    public var isBetter: Bool { upper < 0 }
    /// Whether the interval has only differences over 0.
    public var isWorse: Bool { lower > 0 }
}
