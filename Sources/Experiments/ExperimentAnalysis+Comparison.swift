extension ExperimentAnalysis {
    /// How many variants are held against the control.
    var comparisons: Int { experiment.variants.count - 1 }

    /// Holds a variant against the control; nil if it is the control or there is none such, as long as either has
    /// fewer than `minimumUnits` units with outcomes, and as long as the control's mean is 0: then nothing says how
    /// large an effect would be.
    ///
    /// It may be looked at at any time and as often as one likes: under equal variants the interval of any of them
    /// ever misses 0 with a chance of at most `alpha`, of which each variant has an equal part (Bonferroni).
    public func comparison(of variant: Int, _ metric: Metric) -> Comparison? {
        guard let pair = pair(variant, metric) else { return nil }
        let difference = pair.difference()
        guard let evidence = evidence(pair, variance: difference.variance) else { return nil }
        let radius = evidence.radius(alpha: experiment.alpha / Double(comparisons))
        let now = evidence.ln(difference.mean)
        let most = metric == experiment.goal ? max(now, evidenceMax[variant]) : now
        return Comparison(
            control: pair.control.mean, variant: pair.variant.mean, difference: difference.mean,
            lower: difference.mean - radius, upper: difference.mean + radius,
            // Of what fits into a number; more makes no difference.
            evidence: Elementary.exp(min(now, 690)),
            p: min(1, Double(comparisons) * Elementary.exp(-max(0, most))))
    }

    /// The logarithm of the evidence that a variant's goal differs from the control's, or nil as for `comparison`. At
    /// least ln(number of other variants / alpha) is the same as an interval without 0, and much cheaper.
    public func lnEvidence(of variant: Int) -> Double? {
        guard let pair = pair(variant, goal) else { return nil }
        let difference = pair.difference()
        return evidence(pair, variance: difference.variance)?.ln(difference.mean)
    }

    private func evidence(_ pair: Pair, variance: Double) -> Evidence? {
        let planned = plannedEffect * pair.control.mean
        return planned > 0 && variance > 0 ? Evidence(variance: variance, planned: planned, .goal) : nil
    }

    /// The means of a variant and the control over all strata, or nil as long as there are too few units.
    func pair(_ variant: Int, _ metric: Metric) -> Pair? {
        guard variant > 0, variant < evidenceMax.count, hasUnits(variant) else { return nil }
        var sums = closed.pair(variant, metric)
        for place in open.indices { sums.add(open[place], variant: variant, metric) }
        return sums.means
    }

    private func hasUnits(_ variant: Int) -> Bool {
        var control = closed.totals[0].units
        var other = closed.totals[variant].units
        for place in open.indices {
            control += open[place].arms[0].units
            other += open[place].arms[variant].units
        }
        return min(control, other) >= minimumUnits
    }

    /// What a guard says of a variant.
    ///
    /// The excess is variant - (1 + tolerance) control, or variant - control - tolerance; harm is shown when its
    /// interval lies above 0. The level is alpha over the number of guards and of variants other than the control,
    /// and what the evidence looks for first is an excess of the tolerance's size: one that matters.
    func result(of guardMetric: GuardMetric, _ variant: Int) -> GuardResult {
        var result = GuardResult(
            variant: experiment.variants[variant].name, guardMetric: guardMetric, isBreached: false)
        guard let pair = pair(variant, guardMetric.metric) else { return result }
        // Without an error in the control, what one would have made of it says how large an effect may be.
        let scale = max(pair.control.mean, pair.control.own.squareRoot())
        var excess = pair.difference()
        var planned = plannedEffect * scale
        switch guardMetric.tolerance {
        case .relative(let milli):
            excess = pair.difference(factor: 1 + Double(milli) / 1_000)
            planned = max(planned, Double(milli) / 1_000 * scale)
        case .absolute(let milli):
            excess.mean -= Double(milli) / 1_000
            planned = max(planned, Double(milli) / 1_000)
        }
        result.excess = excess.mean
        if planned > 0, excess.variance > 0 {
            let alpha = experiment.alpha / Double(comparisons * experiment.guards.count)
            let evidence = Evidence(variance: excess.variance, planned: planned, .harm)
            let lower = excess.mean - evidence.radius(alpha: alpha)
            result.lower = lower
            result.isBreached = lower > 0
        }
        return result
    }
}
