import Evaluation

/// For people.
extension BacktestReport: CustomStringConvertible {
    /// A row a policy, and how the engine's policy stands to the others.
    public var description: String {
        ([heading, table] + (comparison.map { [Self.text($0)] } ?? [])).joined(separator: "\n\n")
    }

    private var heading: String {
        let reads = rows[.stay]?.outcome.reads ?? 0
        return """
            \(dataset): \(partitions) partitions, \(customers) customers, \(reads) reads; up to \
            \(configuration.copies) copies, lead \((Double(configuration.leadMillis) / 60_000).text(decimals: 1)) min
            """
    }

    private var table: String {
        let columns: [(String, (Outcome) -> String)] = [
            ("remote %", { ($0.remoteShare * 100).text(decimals: 2) }),
            ("moves/1000", { ($0.moveRate * 1_000).text(decimals: 1) }),
            ("mean ms", { $0.latencyMeanMillis.text(decimals: 1) }),
            ("p75", { $0.latencyP75Millis.text(decimals: 1) }),
            ("p99", { $0.latencyP99Millis.text(decimals: 1) }),
            ("GB between", { (Double($0.crossRegionBytes) / 1e9).text(decimals: 2) }),
            ("storage +", { "\(($0.storageOverhead * 100).text(decimals: 0)) %" }),
            ("ahead", { "\(($0.aheadShare * 100).text(decimals: 0)) %" }),
            ("lead gained h", { (Double($0.leadGainedMedianMillis) / 3_600_000).text(decimals: 1) }),
            ("false", { "\(($0.falseActivations * 100).text(decimals: 0)) %" }),
        ]
        let shown = Candidate.Kind.allCases.compactMap { kind in rows[kind].map { (kind, $0) } }
        var cells = [["policy"] + columns.map(\.0) + ["with"]]
        for (kind, run) in shown {
            cells.append([kind.rawValue] + columns.map { $0.1(run.outcome) } + [Self.text(run.parameters)])
        }
        let widths = cells[0].indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        return cells.map { row in
            var line = row.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - row[column].count)
                if column == row.count - 1 { return row[column] }
                return column == 0 ? row[column] + space : space + row[column]
            }.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }

    private static func text(_ parameters: [String: Double]) -> String {
        parameters.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text(decimals: 2))" }
            .joined(separator: ", ")
    }

    private static func text(_ comparison: BacktestComparison) -> String {
        let reads = Double(max(1, comparison.subject.reads))
        func percent(_ part: Double) -> String { "\((part * 100).text(decimals: 1)) %" }
        func share(_ count: Double) -> String { "\((count / reads * 100).text(decimals: 2)) %" }
        var lines = ["foreshadow is \(percent(comparison.belowStatic)) below static"]
        if let below = comparison.belowReactive, let best = comparison.bestReactive {
            lines[0] += """
                , \(percent(below)) below the best reactive policy (\(percent(best.remoteShare)) remote) at no more \
                than its moves
                """
        }
        lines.append(
            """
            with its moves no policy has fewer remote reads than \(share(comparison.clairvoyant)), none that cannot \
            foresee first visits fewer than \(share(comparison.clairvoyantOfPlacesSeen))
            """)
        lines.append(
            """
            who makes copies only where a read just came from has no fewer than \(share(Double(comparison.reacting))), \
            whichever gives way and however many moves that takes
            """)
        lines.append(
            """
            with copies always where next is highest, moves being free and instant: \
            \(share(Double(comparison.topForecast))); first visits are \(share(Double(comparison.firstVisits))) of \
            the reads
            """)
        return lines.joined(separator: "\n")
    }
}
