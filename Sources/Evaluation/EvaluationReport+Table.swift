/// For people.
extension EvaluationReport: CustomStringConvertible {
    /// What was evaluated, a table per part of the stream with one row a model, and how to read it.
    public var description: String {
        let blocks = [
            block(
                "whole stream",
                [.accuracy, .logLoss, .brier, .ece, .accuracyOnChanges, .logLossOnChanges]),
            block(
                "second half",
                [
                    .accuracySecondHalf, .logLossSecondHalf, .brierSecondHalf, .eceSecondHalf,
                    .accuracyOnChangesSecondHalf, .logLossOnChangesSecondHalf,
                ]),
            block("cold customers", [.accuracyCold, .logLossCold]),
        ]
        let share = shareDiscount.map { [shareBlock($0)] } ?? []
        return ([heading] + blocks + share + (comparison.map { [line($0)] } ?? []) + [legend])
            .joined(separator: "\n\n")
    }

    /// The forecasts of the share, a row a model.
    private func shareBlock(_ discount: Double) -> String {
        let columns = [
            ["share of coming accesses, discounted by \(discount.text(decimals: 2))"] + shares.map(\.name),
            shareColumn("log loss", \.logLoss), shareColumn("second half", \.logLossSecondHalf),
        ].map(Self.aligned)
        return columns[0].indices.map { row in
            var line = columns.map { $0[row] }.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }

    private func shareColumn(_ heading: String, _ figure: (ShareScores) -> Double?) -> [String] {
        let best = shares.compactMap(figure).min()
        return [heading]
            + shares.map { scores in
                guard let value = figure(scores) else { return "-" }
                return value.text(decimals: 3) + (value == best ? "*" : " ")
            }
    }

    private func line(_ comparison: Comparison) -> String {
        let parts = [Metric.logLoss, .accuracy, .brier, .ece].compactMap { metric -> String? in
            guard let difference = comparison.differences[metric] else { return nil }
            let text = "\(metric.heading) \(Self.signed(difference))"
            guard let interval = comparison.intervals[metric] else { return text }
            return "\(text) [\(Self.signed(interval.lowerBound)), \(Self.signed(interval.upperBound))]"
        }
        return "\(models.last?.name ?? "") minus \(comparison.rival): \(parts.joined(separator: ", "))"
    }

    private static func signed(_ value: Double) -> String {
        let text = value.text(decimals: 4)
        return text.hasPrefix("-") ? text : "+" + text
    }

    private var heading: String {
        """
        \(dataset), \(target.rawValue): \(classes) classes, \(events) events of \(customers) customers, \
        \(scored) scored, \((changeShare * 100).text(decimals: 1)) % of them changes
        """
    }

    private var legend: String {
        let marks =
            "* best of its column. Log loss in nats. Cold: fewer than \(Metric.coldEvents) events so far."
        if bootstrap.resamples == 0 { return marks }
        return """
            \(marks)
            ± half the width of the 95 % interval, [ ] the interval itself: \(bootstrap.resamples) resamples of the customers, seed \
            \(bootstrap.seed)
            """
    }

    private func block(_ title: String, _ metrics: [Metric]) -> String {
        let columns = metrics.map { column($0) }
        let names = Self.aligned([title] + models.map(\.name))
        return names.indices.map { row in
            var line = ([names[row]] + columns.map { $0[row] }).joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }

    /// The heading and a cell per model, all of one width.
    private func column(_ metric: Metric) -> [String] {
        let values = models.compactMap { $0.values[metric] }
        let best = metric.isBetterHigh ? values.max() : values.min()
        let cells = models.map { model in
            guard let value = model.values[metric] else { return "-" }
            let mark = value == best ? "*" : " "
            guard let interval = model.intervals[metric] else { return value.text(decimals: 3) + mark }
            let half = (interval.upperBound - interval.lowerBound) / 2
            return "\(value.text(decimals: 3))\(mark) ±\(half.text(decimals: 3))"
        }
        return Self.aligned([metric.heading] + cells)
    }

    private static func aligned(_ cells: [String]) -> [String] {
        let width = cells.map(\.count).max() ?? 0
        return cells.map { $0 + String(repeating: " ", count: width - $0.count) }
    }
}

extension Metric {
    /// The heading of its column.
    fileprivate var heading: String {
        let measure =
            switch measure {
            case .accuracy: "accuracy"
            case .logLoss: "log loss"
            case .brier: "Brier"
            case .ece: "ECE"
            }
        return scope == .changes || scope == .changesInSecondHalf ? "\(measure) on changes" : measure
    }
}
