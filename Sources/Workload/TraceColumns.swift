import Contracts

/// Which column of a trace holds what, by the names in its header.
struct TraceColumns {
    private let count: Int
    private let customer: Int
    private let time: Int
    private let region: Int
    private let id: Int?
    private let kind: Int?
    private let domain: Int?
    private let bytes: Int?
    private let product: Int?
    private let op: Int?

    /// Reads the header; columns of other names are ignored.
    init(header: CSVRow) throws(TraceFailure.Reason) {
        var names: [String] = []
        for field in header.fields.indices { names.append(try header.text(field)) }
        func find(_ wanted: String...) throws(TraceFailure.Reason) -> Int? {
            let found = names.indices.filter { wanted.contains(names[$0]) }
            if found.count > 1 { throw .duplicateColumn(wanted[0]) }
            return found.first
        }
        func need(_ column: Int?, _ name: String) throws(TraceFailure.Reason) -> Int {
            guard let column else { throw .missingColumn(name) }
            return column
        }
        count = names.count
        customer = try need(try find("customer"), "customer")
        time = try need(try find("time", "ts"), "time")
        region = try need(try find("region"), "region")
        id = try find("id")
        kind = try find("kind")
        domain = try find("domain")
        bytes = try find("bytes")
        product = try find("product")
        op = try find("op")
    }

    /// The event of a row; `name` makes an id where the row has none.
    func event(_ row: CSVRow, name: () -> String) throws(TraceFailure.Reason) -> TraceEvent {
        guard row.fields.count == count else {
            throw .fieldCount(found: row.fields.count, expected: count)
        }
        let customer = try required(customer, "customer", in: row)
        if customer.utf8.count > 256 { throw .malformedField("customer", value: customer) }
        return TraceEvent(
            id: try optional(id, in: row) ?? name(),
            customer: customer,
            time: try time(in: row),
            kind: try optional(kind, in: row) ?? "access",
            region: try required(region, "region", in: row),
            domain: try optional(domain, in: row),
            bytes: try bytes(in: row),
            product: try optional(product, in: row),
            op: try op(in: row))
    }

    private func time(in row: CSVRow) throws(TraceFailure.Reason) -> EventTime {
        if let time = TimeText.parse(row.bytes[row.fields[time]]) { return time }
        throw .malformedField("time", value: try required(time, "time", in: row))
    }

    private func bytes(in row: CSVRow) throws(TraceFailure.Reason) -> Int64? {
        guard let text = try optional(bytes, in: row) else { return nil }
        guard let value = Int64(text), value >= 0 else { throw .malformedField("bytes", value: text) }
        return value
    }

    private func op(in row: CSVRow) throws(TraceFailure.Reason) -> String? {
        guard let text = try optional(op, in: row) else { return nil }
        guard text == "read" || text == "write" else { throw .malformedField("op", value: text) }
        return text
    }

    private func required(
        _ column: Int, _ name: String, in row: CSVRow
    ) throws(TraceFailure.Reason) -> String {
        if row.fields[column].isEmpty { throw .emptyField(name) }
        return try row.text(column)
    }

    private func optional(_ column: Int?, in row: CSVRow) throws(TraceFailure.Reason) -> String? {
        guard let column, !row.fields[column].isEmpty else { return nil }
        return try row.text(column)
    }
}
