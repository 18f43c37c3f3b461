import Workload

extension EvaluationTrace {
    /// Reads all of a CSV or JSON Lines trace; tells `progress`, if any, the fraction read now and then.
    ///
    /// Throws `TraceFailure` at the first malformed row, and `EvaluationFailure` if there is nothing to predict or
    /// times are not in order, unless they are to be `sorting`.
    public init(
        path: String, target: EvaluationTarget, limits: ClassLimits = ClassLimits(),
        sorting: Bool = false, progress: ((Double) -> Void)? = nil
    ) throws {
        var reader = try TraceReader(path: path)
        var rows = TraceRows(mustBeInOrder: !sorting)
        var unreadable = 0
        var count = 0
        while let record = try reader.next() {
            count += 1
            if let progress, count % 10_000 == 0, let part = reader.fraction { progress(part) }
            guard !record.key.isEmpty, let time = record.time, let region = record.region else {
                unreadable += 1
                continue
            }
            try rows.add(
                customer: record.key, time: time, region: region, domain: record.domain,
                kind: record.kind ?? "", product: record.product, line: record.line)
        }
        if sorting { rows.sort() }
        try self.init(
            dataset: Self.name(ofFile: path), target: target, limits: limits, rows: rows,
            unreadable: unreadable)
    }

    /// The name of a file without folders and without `.gz`, `.csv`, `.jsonl` or `.json`.
    public static func name(ofFile path: String) -> String {
        if path == "-" { return "stdin" }
        var name = path.split(separator: "/").last ?? "trace"
        for ending in [".gz", ".csv", ".jsonl", ".json"] where name.hasSuffix(ending) {
            name.removeLast(ending.count)
        }
        return String(name)
    }
}
