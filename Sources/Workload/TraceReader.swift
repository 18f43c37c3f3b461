/// Reads interactions from a CSV or JSON Lines file, gzip or plain, one at a time.
///
/// A CSV file needs the columns `customer`, `time` or `ts`, and `region`; `id`, `kind`, `domain`, `bytes`,
/// `product` and `op` may be there; others are ignored. Times are epoch milliseconds or RFC 3339. A row
/// without an id is named after the file and its line, so that reading the file again gives the same ids.
///
/// After a failure in a row the reader stands at the next row: call `next` again to leave the bad one out.
public struct TraceReader: ~Copyable {
    /// How the file is written.
    public let format: TraceFormat

    private var input: CompressedInput
    private let stem: String
    private let columns: TraceColumns?  // nil where the file is empty or no CSV
    private var row: CSVRow

    /// Opens `path`, or standard input for `-`.
    ///
    /// Without a format, a file whose first character is `{` is JSON Lines, and any other CSV.
    /// Throws if the file cannot be opened, and if a CSV file's header lacks a needed column.
    /// An empty file is a trace without interactions.
    public init(path: String, format: TraceFormat? = nil) throws(TraceFailure) {
        var input = try CompressedInput(path: path)
        let first = try input.firstByte()
        let format = format ?? (first == UInt8(ascii: "{") ? .jsonLines : .csv)
        var row = CSVRow()
        let columns = format == .csv ? try Self.header(of: &input, in: &row) : nil
        self.format = format
        stem = Self.stem(of: path)
        self.input = input
        self.columns = columns
        self.row = row
    }

    /// Bytes of the file on disk; nil for a pipe.
    public var compressedSize: Int64? { input.size }

    /// Bytes on disk that were taken in so far; up to a buffer ahead of the last record.
    public var compressedOffset: Int64 { input.offset }

    /// How much of the file was taken in, 0 to 1; nil for a pipe.
    public var fraction: Double? {
        guard let size = input.size else { return nil }
        return size == 0 ? 1 : min(1, max(0, Double(input.offset) / Double(size)))
    }

    /// The next record; nil at the end.
    ///
    /// A row of a CSV file that is malformed is a failure. A line of a JSON file never is: what the pipeline
    /// cannot read, it sends to the dead letters.
    public mutating func next() throws(TraceFailure) -> TraceRecord? {
        switch format {
        case .csv: try nextRow()
        case .jsonLines: try nextLine()
        }
    }

    private static func header(
        of input: inout CompressedInput, in row: inout CSVRow
    ) throws(TraceFailure) -> TraceColumns? {
        guard let line = try row.take(from: &input) else { return nil }
        do {
            try row.split()
            return try TraceColumns(header: row)
        } catch { throw TraceFailure(path: input.path, line: line, reason: error) }
    }

    private mutating func nextRow() throws(TraceFailure) -> TraceRecord? {
        guard let columns, let line = try row.take(from: &input) else { return nil }
        do {
            try row.split()
            return TraceRecord(try columns.event(row, name: { stem + "-" + String(line) }), line: line)
        } catch { throw TraceFailure(path: input.path, line: line, reason: error) }
    }

    private mutating func nextLine() throws(TraceFailure) -> TraceRecord? {
        var value: [UInt8] = []
        repeat {
            value.removeAll(keepingCapacity: true)
            guard try input.appendLine(to: &value) else { return nil }
            if value.last == 0x0D { value.removeLast() }
        } while value.isEmpty
        let fields = InteractionScan.fields(of: value)
        return TraceRecord(
            key: fields.customer, value: value, time: fields.time, region: fields.region,
            domain: fields.domain, kind: fields.kind, product: fields.product, line: input.line)
    }

    /// The file's name without folders, `.gz` and the extension.
    private static func stem(of path: String) -> String {
        if path == "-" { return "stdin" }
        var name = path.split(separator: "/").last.map(String.init) ?? path
        if name.hasSuffix(".gz") { name.removeLast(3) }
        if let dot = name.lastIndex(of: "."), dot != name.startIndex { name.removeSubrange(dot...) }
        return name
    }
}
