/// What a metric does over time.
public enum MetricKind: String, Sendable, CaseIterable {
    /// Only grows, until the process starts anew.
    case counter
    /// Goes up and down.
    case gauge
    /// How many observations were at most each bound, how many there were, and their sum.
    case histogram
}

/// The unit of a metric's values, which its name ends with (before a counter's `_total`).
public enum MetricUnit: String, Sendable, CaseIterable {
    /// A bare number.
    case none = ""
    /// Seconds, the base unit of time.
    case seconds
    /// Bytes, the base unit of size.
    case bytes
    /// A part of 1.
    case ratio
    /// Records of a topic.
    case records
}

/// A metric declared up front: what it is called, what it says, and which labels its series have.
public struct MetricDefinition: Sendable, Equatable {
    /// The whole name, with unit and `_total`: the one that queries use.
    public var name: String
    /// What it does over time.
    public var kind: MetricKind
    /// What it says, for people.
    public var help: String
    /// The unit of its values.
    public var unit: MetricUnit
    /// The labels of its series. A label asked for beyond these is left out, so that no customer can get into one.
    public var labels: [String]
    /// Upper bounds of a histogram's buckets, rising; the last one, infinity, goes without saying. Else empty.
    public var buckets: [Double]

    /// Declares a metric.
    public init(
        _ name: String, _ kind: MetricKind, unit: MetricUnit = .none, labels: [String] = [],
        buckets: [Double] = [], help: String
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        self.unit = unit
        self.labels = labels
        self.buckets = buckets
    }

    /// Throws if names, unit or buckets are not as Prometheus and OpenMetrics want them.
    public func validate() throws(MetricFailure) {
        guard name == MetricName.sanitised(name) else { throw .name(name) }
        if kind == .counter, !name.hasSuffix("_total") { throw .suffix(name, "_total") }
        if kind != .counter, MetricName.hasReservedSuffix(name) { throw .reservedSuffix(name) }
        let stem = kind == .counter ? String(name.dropLast("_total".count)) : name
        if unit != .none, !stem.hasSuffix("_\(unit.rawValue)") { throw .suffix(name, "_\(unit.rawValue)") }
        if help.isEmpty { throw .noHelp(name) }
        for (place, label) in labels.enumerated()
        where label != LabelName.sanitised(label) || labels[..<place].contains(label) {
            throw .label(label, of: name)
        }
        guard Self.areBuckets(buckets), buckets.isEmpty != (kind == .histogram) else { throw .buckets(name) }
    }

    /// Whether bounds are finite and rise.
    static func areBuckets(_ buckets: [Double]) -> Bool {
        buckets.allSatisfy(\.isFinite) && zip(buckets, buckets.dropFirst()).allSatisfy { $0 < $1 }
    }
}

/// Why metrics cannot be declared or configured so.
public enum MetricFailure: Error, Equatable, CustomStringConvertible {
    /// The name is not of letters, digits and underscores, or begins with a digit.
    case name(String)
    /// The name must end with the suffix, for its kind or unit.
    case suffix(String, String)
    /// The name ends with what only counters or parts of histograms end with.
    case reservedSuffix(String)
    /// The metric has no help text.
    case noHelp(String)
    /// The label is malformed, reserved, or there twice.
    case label(String, of: String)
    /// The buckets do not rise, are not finite, or are missing or too much for the kind.
    case buckets(String)
    /// The metric is declared twice.
    case twice(String)
    /// The named limit is outside what is allowed. Choose one inside.
    case outOfRange(String, allowed: ClosedRange<Int>)

    /// The reason, for people.
    public var description: String {
        switch self {
        case .name(let name): "'\(name)' is no name of a metric: letters, digits and underscores are needed"
        case .suffix(let name, let suffix): "the name '\(name)' must end with '\(suffix)'"
        case .reservedSuffix(let name): "the name '\(name)' ends as only parts of other metrics do"
        case .noHelp(let name): "'\(name)' has no help text"
        case .label(let label, let name): "'\(name)' has a label '\(label)' that is malformed or there twice"
        case .buckets(let name): "the buckets of '\(name)' must be finite and rise; only histograms have any"
        case .twice(let name): "'\(name)' is declared twice"
        case .outOfRange(let name, let allowed):
            "\(name) must lie between \(allowed.lowerBound) and \(allowed.upperBound)"
        }
    }
}
