extension ExperimentAnalysis {
    /// All that a dashboard shows, and what to do.
    public func report() -> ExperimentReport {
        let guards = experiment.guards.flatMap { guardMetric in
            experiment.variants.indices.dropFirst().map { result(of: guardMetric, $0) }
        }
        var report = ExperimentReport(
            name: experiment.name, goal: experiment.goal,
            variants: experiment.variants.indices.map { variantReport($0) },
            sampleRatio: SampleRatioReport(
                observed: sampleRatio.observed, expected: sampleRatio.expected, p: sampleRatio.p,
                isMismatch: sampleRatio.isMismatch),
            guards: guards, apart: apart, proposal: nil, adoptsAutomatically: experiment.adoptsAutomatically)
        report.proposal = proposal(report)
        return report
    }

    private func variantReport(_ variant: Int) -> VariantReport {
        var totals = closed.totals[variant]
        for stratum in open { totals.add(stratum.arms[variant]) }
        return VariantReport(
            name: experiment.variants[variant].name,
            shareMilli: assignment.spans.last?.sharesMilli[variant]
                ?? experiment.variants[variant].shareMilli,
            exposed: totals.exposed, units: totals.units, outcomes: totals.outcomes,
            metrics: Metric.allCases.map {
                MetricReport(metric: $0, mean: totals.mean($0), comparison: comparison(of: variant, $0))
            })
    }

    /// The variant that is surely better than the control and has the lowest goal; the control, if all others are
    /// surely worse. None while units come in wrong shares, or any variant is beyond a guard: first the cause is to
    /// be found.
    private func proposal(_ report: ExperimentReport) -> Proposal? {
        if report.sampleRatio.isMismatch || report.guards.contains(where: \.isBreached) { return nil }
        let others = experiment.variants.indices.dropFirst()
        let known = others.compactMap { variant in
            comparison(of: variant, experiment.goal).map { (variant: variant, comparison: $0) }
        }
        let better = known.filter(\.comparison.isBetter)
        if let best = better.min(by: { $0.comparison.difference < $1.comparison.difference }) {
            return Proposal(
                variant: best.variant, name: experiment.variants[best.variant].name,
                reason: ProposalText.reason(for: best.variant, best.comparison, report, experiment))
        }
        if known.count == others.count, known.allSatisfy(\.comparison.isWorse),
            let closest = known.min(by: { $0.comparison.difference < $1.comparison.difference })
        {
            return Proposal(
                variant: 0, name: experiment.variants[0].name,
                reason: ProposalText.reason(for: closest.variant, closest.comparison, report, experiment))
        }
        return nil
    }
}
