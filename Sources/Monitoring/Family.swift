/// A series of any kind.
enum Series: Sendable {
    case counter(CounterSeries)
    case gauge(GaugeSeries)
    case histogram(HistogramSeries)

    init(_ kind: MetricKind, _ key: SeriesKey, bounds: [Double]) {
        switch kind {
        case .counter: self = .counter(CounterSeries(key))
        case .gauge: self = .gauge(GaugeSeries(key))
        case .histogram: self = .histogram(HistogramSeries(key, bounds: bounds))
        }
    }

    /// Whether it is that very object.
    func `is`(_ other: AnyObject) -> Bool {
        switch self {
        case .counter(let series): series === other
        case .gauge(let series): series === other
        case .histogram(let series): series === other
        }
    }
}

/// A metric and its series.
struct Family: Sendable {
    let definition: MetricDefinition
    let isDeclared: Bool
    /// By their labels' text.
    private(set) var series: [String: Series] = [:]

    init(_ definition: MetricDefinition, isDeclared: Bool) {
        self.definition = definition
        self.isDeclared = isDeclared
        // A counter that is born with its first event has no increase to be seen.
        if isDeclared, definition.labels.isEmpty, definition.kind != .gauge { _ = find("", limit: 1) }
    }

    /// The series with these labels, made if there is none; nil if that would be one too many.
    mutating func find(_ labels: String, limit: Int) -> Series? {
        if let known = series[labels] { return known }
        if series.count >= limit { return nil }
        let made = Series(
            definition.kind, SeriesKey(metric: definition.name, labels: labels), bounds: definition.buckets)
        series[labels] = made
        return made
    }

    /// Forgets the series if it is that very object.
    mutating func remove(_ labels: String, _ handler: AnyObject) {
        if series[labels]?.is(handler) == true { series[labels] = nil }
    }
}
