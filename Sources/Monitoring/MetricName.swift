/// Names of metrics as Prometheus' data model allows them, made from whatever a library calls its metrics.
///
/// Colons are allowed there too, but only for recording rules.
enum MetricName {
    /// What only counters, parts of histograms, and their OpenMetrics forms end with.
    private static let reservedSuffixes = ["_total", "_count", "_sum", "_bucket", "_created"]

    static func hasReservedSuffix(_ name: String) -> Bool { reservedSuffixes.contains { name.hasSuffix($0) } }

    /// The name with every other character replaced by an underscore.
    static func sanitised(_ text: String) -> String {
        var name = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_": name.unicodeScalars.append(scalar)
            case "0"..."9":
                if name.isEmpty { name = "_" }
                name.unicodeScalars.append(scalar)
            default: name += "_"
            }
        }
        return name.isEmpty ? "_" : name
    }

    /// The name of a metric that was not declared: with the suffixes that its kind and unit ask for.
    static func undeclared(_ label: String, _ kind: MetricKind, _ unit: MetricUnit) -> String {
        var name = sanitised(label)
        if kind != .counter, hasReservedSuffix(name) { name += "_value" }
        if unit != .none, !name.hasSuffix("_\(unit.rawValue)") { name += "_\(unit.rawValue)" }
        if kind == .counter, !name.hasSuffix("_total") { name += "_total" }
        return name
    }
}

/// Names of labels as Prometheus' data model allows them.
enum LabelName {
    /// The name with every other character replaced. Names that begin with two underscores, and those that
    /// histograms and summaries use themselves, are not to be had.
    static func sanitised(_ text: String) -> String {
        var name = MetricName.sanitised(text)
        while name.hasPrefix("__") { name.removeFirst() }
        return name == "le" || name == "quantile" ? name + "_" : name
    }
}
