/// A variant's mean, and what its variance is made of.
struct ArmEstimate: Sendable, Equatable {
    var mean: Double
    /// Sum over units of (s - R n)^2.
    var deviations: Double
    var units: Double
    var outcomes: Double

    /// What a unit adds to `deviations`.
    @inline(__always)
    var unitVariance: Double { deviations / (units - 1) }

    /// The variance of the mean, if a unit adds that much to the deviations.
    @inline(__always)
    func variance(unit: Double) -> Double { unit * units / (outcomes * outcomes) }
}

/// The means of a variant and the control, and their variances in two readings.
///
/// `own` takes each variant's variance from its own units, `shared` from the units of both together. Variants of
/// equal size have the same in sum. But the mean of a few units of a skewed metric and their variance go together:
/// a sample that missed the rare slow customers is fast and seems sure of it. So the larger of the two counts.
struct Pair: Sendable, Equatable {
    struct Side: Sendable, Equatable {
        var mean = 0.0
        var own = 0.0
        var shared = 0.0
    }

    var control = Side()
    var variant = Side()

    /// Without anything, to be added to.
    init() {}

    /// Of one stratum.
    @inline(__always)
    init(control first: ArmEstimate, variant second: ArmEstimate) {
        let unit = (first.deviations + second.deviations) / (first.units + second.units - 2)
        control = Side(
            mean: first.mean, own: first.variance(unit: first.unitVariance),
            shared: first.variance(unit: unit))
        variant = Side(
            mean: second.mean, own: second.variance(unit: second.unitVariance),
            shared: second.variance(unit: unit))
    }

    /// Adds another, of that weight; the variances by its square.
    @inline(__always)
    mutating func add(_ other: Pair, weight: Double) {
        let square = weight * weight
        control.mean += weight * other.control.mean
        control.own += square * other.control.own
        control.shared += square * other.control.shared
        variant.mean += weight * other.variant.mean
        variant.own += square * other.variant.own
        variant.shared += square * other.variant.shared
    }

    /// variant - `factor` x control, and the variance of that.
    @inline(__always)
    func difference(factor: Double = 1) -> (mean: Double, variance: Double) {
        let square = factor * factor
        return (
            mean: variant.mean - factor * control.mean,
            variance: max(variant.own + square * control.own, variant.shared + square * control.shared)
        )
    }
}
