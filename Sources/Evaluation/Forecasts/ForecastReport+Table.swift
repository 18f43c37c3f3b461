import Forecasting

/// For people.
extension ForecastReport: CustomStringConvertible {
    /// A table of the models over all series, one over the busy ones, one of the combination on each series.
    public var description: String {
        let heading = """
            \(dataset), \(target.rawValue): \(series.count) series, windows of \(windowMillis / 1_000) s, \
            \(horizon) ahead; \(series.first?.scores.first?.windows ?? 0) windows scored
            """
        let busy = busy
        var blocks = [heading, table("all series", models, overall)]
        if !busy.isEmpty, busy.count < series.count {
            blocks.append(table("\(busy.count) series of 1 a window or more", models, overall(busy)))
        }
        let bySeries = series.map { Overall(model: $0.name, scores: Array($0.scores.prefix(1))) }
        let names = series.map { "\($0.name) (mean \(Self.text($0.scores.first?.mean)))" }
        return (blocks + [table(models.first ?? "", names, bySeries), Self.legend]).joined(separator: "\n\n")
    }

    private static let legend = """
        MASE: error of the median / error of the seasonal naive with that period, over the same windows; the mean \
        over series, pooled: of the sums. Coverage of the 0.9 quantile: each count stands for the unit around it; \
        at or under: counts at or under P90, a whole number.
        """

    private func table(_ title: String, _ names: [String], _ rows: [Overall]) -> String {
        let columns = [
            [title] + names,
            ["MASE 168 h"] + rows.map { Self.text($0.maseWeek) },
            ["pooled"] + rows.map { Self.text($0.maseWeekPooled) },
            ["MASE 24 h"] + rows.map { Self.text($0.maseDay) },
            ["pinball .5"] + rows.map { Self.text($0.pinball50, decimals: 4) },
            ["pinball .9"] + rows.map { Self.text($0.pinball90, decimals: 4) },
            ["coverage"] + rows.map { Self.text($0.coverage) },
            ["at or under"] + rows.map { Self.text($0.atOrUnderP90) },
        ].map(Self.aligned)
        return columns[0].indices.map { row in
            var line = columns.map { $0[row] }.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }

    private static func text(_ value: Double?, decimals: Int = 3) -> String {
        value.map { $0.text(decimals: decimals) } ?? "-"
    }

    private static func aligned(_ cells: [String]) -> [String] {
        let width = cells.map(\.count).max() ?? 0
        return cells.map { $0 + String(repeating: " ", count: width - $0.count) }
    }
}
