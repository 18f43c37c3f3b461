/// A proposal's reason, in words and figures.
enum ProposalText {
    /// What speaks for a variant, or against it and so for the control.
    static func reason(
        for variant: Int, _ comparison: Comparison, _ report: ExperimentReport, _ experiment: Experiment
    ) -> String {
        let change = comparison.relative(comparison.difference)
        let found = report.variants[variant]
        let units = report.variants[0].units + found.units
        let outcomes = report.variants[0].outcomes + found.outcomes
        let unit = experiment.switchback == nil ? "customers" : "blocks"
        var text = "\(experiment.goal.words) of \(found.name) is \(percent(abs(change))) "
        text += "\(change < 0 ? "lower" : "higher") than of \(report.variants[0].name)"
        text += " (\(mean(comparison.variant, experiment.goal)) against "
        text += "\(mean(comparison.control, experiment.goal)); interval "
        text += "\(percent(comparison.relative(comparison.lower))) to "
        text += "\(percent(comparison.relative(comparison.upper))) at \(percent(1 - experiment.alpha)), "
        text += "p \(probability(comparison.p))) over \(units) \(unit) with \(outcomes) outcomes; "
        text += "sample ratio p \(probability(report.sampleRatio.p))"
        text += report.guards.isEmpty ? "" : "; no guard is breached"
        return text
    }

    /// A part in hundredths, with one decimal.
    static func percent(_ part: Double) -> String { decimal(part * 100, places: 1) + " %" }

    /// A probability, with three decimals.
    static func probability(_ p: Double) -> String { p < 0.001 ? "under 0.001" : decimal(p, places: 3) }

    /// A mean with its unit.
    static func mean(_ value: Double, _ metric: Metric) -> String {
        metric == .latency ? decimal(value, places: 0) + " us" : decimal(value * 100, places: 2) + " %"
    }

    /// A number with that many decimals, rounded. What is too large for one is said to be.
    static func decimal(_ value: Double, places: Int) -> String {
        let scale = (0..<places).reduce(1) { product, _ in product * 10 }
        guard abs(value) < 1e15 else {
            return value.isNaN ? "unknown" : value < 0 ? "under -1e15" : "over 1e15"
        }
        let scaled = Int64((abs(value) * Double(scale)).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        if places == 0 { return "\(sign)\(scaled)" }
        let rest = "\(scaled % Int64(scale))"
        let zeros = String(repeating: "0", count: places - rest.utf8.count)
        return "\(sign)\(scaled / Int64(scale)).\(zeros)\(rest)"
    }
}
