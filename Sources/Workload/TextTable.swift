/// Plain tables for terminals.
package enum TextTable {
    /// One line per row; the first column to the left, the others to the right. Rows are of one length.
    package static func render(_ rows: [[String]]) -> String {
        let columns = rows.first?.indices ?? 0..<0
        let widths = columns.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            columns.map { column in
                let space = String(repeating: " ", count: widths[column] - row[column].count)
                return column == 0 ? row[column] + space : space + row[column]
            }.joined(separator: "  ") + "\n"
        }.joined()
    }

    /// A figure of tenths, not negative, with its unit.
    static func tenths(_ value: Int64, _ unit: String) -> String {
        "\(value / 10).\(value % 10)\(unit)"
    }
}
