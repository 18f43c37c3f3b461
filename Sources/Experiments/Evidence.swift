/// How strongly a difference speaks against there being none, at any time and after any number of looks.
///
/// With information I = 1 / variance, a difference d that is estimated again and again moves, on the scale d I,
/// like a Brownian motion at time I (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit
/// theory and asymptotic confidence sequences", 2024). The likelihood ratio against "no difference", averaged over
/// a prior of what the difference may be, then is a martingale that starts at 1, and by Ville's inequality reaches
/// 1 / alpha with a chance of at most alpha, ever. The stake of 1 is divided between priors:
///
/// - the planned effect p, either way, a half each: E = exp(-p^2 I / 2) cosh(p d I) (Wald, "Sequential tests of
///   statistical hypotheses", 1945). If the effect is as planned, about 2 ln(2 / alpha) / p^2 of information is
///   needed on average, and no test that may look at any time for ever needs less: for alpha = 0.05 7.4 / p^2,
///   where a test of fixed size with a power of 0.8 needs 7.8 / p^2;
/// - normal distributions of widths t: E = exp(t^2 d^2 I^2 / (2 (1 + t^2 I))) / sqrt(1 + t^2 I) (Robbins,
///   "Statistical methods related to the law of the iterated logarithm", 1970). They find smaller effects too,
///   larger ones sooner, and make the interval shrink to nothing.
///
/// All differences that the evidence does not speak against make the interval.
struct Evidence: Sendable {
    /// How the stake is divided.
    struct Stakes: Sendable {
        /// ln of the part on the planned effect.
        let lnPlanned: Double
        /// ln of the part on each normal distribution.
        let lnNormal: Double

        private init(planned: Double) {
            lnPlanned = Elementary.ln(planned)
            lnNormal = Elementary.ln((1 - planned) / Double(Evidence.widths.scalarCount))
        }

        /// Of a goal: nine tenths on what was planned for.
        static let goal = Stakes(planned: 0.9)
        /// Of a guard: most on the normal distributions, as harm comes in all sizes and the largest must be found
        /// first.
        static let harm = Stakes(planned: 0.2)
    }

    /// Widths of the normal distributions in planned effects.
    private static let widths = SIMD4<Double>(1, 4, 16, 64)

    private let stakes: Stakes
    private let planned: Double
    private let information: Double
    /// Of each width 1 + t^2 I, and half its logarithm.
    private let spreads: SIMD4<Double>
    private var halfLnSpreads = SIMD4<Double>()

    /// For an estimate of that variance, above 0 and finite, and an effect above 0 that is planned for, in one unit.
    init(variance: Double, planned: Double, _ stakes: Stakes) {
        self.stakes = stakes
        self.planned = planned
        information = 1 / variance
        spreads = 1 + Self.widths * Self.widths * (planned * planned * information)
        for i in 0..<spreads.scalarCount { halfLnSpreads[i] = 0.5 * Elementary.ln(spreads[i]) }
    }

    /// The logarithm of the evidence against no difference, given an estimate. Negative: it speaks for none.
    func ln(_ difference: Double) -> Double {
        let x = abs(difference) * planned * information
        let half = planned * planned * information / 2
        let two = x - half + Elementary.ln(0.5 * (1 + Elementary.exp(-2 * x)))
        let scaled = Self.widths * x
        let normals = scaled * scaled / (2 * spreads) - halfLnSpreads
        let top = max(two, normals.max())
        var sum = 0.0
        for i in 0..<normals.scalarCount { sum += Elementary.exp(normals[i] - top + stakes.lnNormal) }
        return top + Elementary.ln(sum + Elementary.exp(two - top + stakes.lnPlanned))
    }

    /// How far from the estimate the evidence speaks against a difference with at least `1 / alpha`: half the width
    /// of the interval. By bisection, to a part in 2^40.
    func radius(alpha: Double) -> Double {
        let threshold = -Elementary.ln(alpha)
        // Where each of the normal distributions alone reaches the threshold.
        let squared = 2 * spreads * (threshold - stakes.lnNormal + halfLnSpreads)
        var high = (squared.squareRoot() / (Self.widths * planned * information)).min()
        var low = 0.0
        for _ in 0..<40 {
            let middle = 0.5 * (low + high)
            if ln(middle) < threshold { low = middle } else { high = middle }
        }
        return high
    }
}
