import Synchronization

/// Metrics in memory, as a backend of swift-metrics, to be scraped by Prometheus.
///
/// Declared metrics have help, units, labels and buckets; what libraries record beside them is taken as it comes,
/// under names made fit. Handles (`Counter`, `Meter`, `Timer`, ...) are to be made once and kept: making one takes a
/// lock, using one does not. A handle of labels that exist shares their series; destroying one ends it for all.
///
/// ```swift
/// let registry = try PrometheusRegistry(declared: MetricCatalogue.all)
/// let labels = [("partition", "eu-west")]
/// let lookups = Counter(label: "foreshadow_lookups_total", dimensions: labels, factory: registry)
/// lookups.increment()
/// let page = registry.exposition(ExpositionFormat(accept: request.headers["accept"]))
/// ```
public final class PrometheusRegistry: Sendable {
    /// Its limits.
    public let configuration: MonitoringConfiguration

    /// Counts the handles that got no series: of labels beyond the limit, of too many metrics, or of a kind that is
    /// not the metric's own.
    static let droppedDefinition = MetricDefinition(
        "foreshadow_metrics_series_dropped_total", .counter,
        help:
            "Handles that got no series because a limit of the registry was reached or the kind was another.")

    private let families: Mutex<[String: Family]>
    private let dropped = CounterSeries(SeriesKey(metric: droppedDefinition.name, labels: ""))
    // What was dropped counts here, where nobody looks.
    private let noCounter = CounterSeries(SeriesKey(metric: "", labels: ""))
    private let noGauge = GaugeSeries(SeriesKey(metric: "", labels: ""))
    private let noHistogram = HistogramSeries(SeriesKey(metric: "", labels: ""), bounds: [])

    /// A registry of these metrics. Throws if one is malformed or there twice, or if a limit is out of range.
    public init(
        _ configuration: MonitoringConfiguration = MonitoringConfiguration(),
        declared: [MetricDefinition] = []
    ) throws(MetricFailure) {
        try configuration.validate()
        self.configuration = configuration
        var families: [String: Family] = [:]
        for var definition in declared + [Self.droppedDefinition] {
            if definition.kind == .histogram, let buckets = configuration.buckets[definition.name] {
                definition.buckets = buckets
            }
            try definition.validate()
            guard families[definition.name] == nil else { throw .twice(definition.name) }
            families[definition.name] = Family(definition, isDeclared: true)
        }
        self.families = Mutex(families)
    }

    /// All metrics and their series as text. Counters of one scrape may be a few increments apart.
    public func exposition(_ format: ExpositionFormat = .text) -> String {
        var writer = ExpositionWriter(format)
        // A copy shares what is copied: handles are made while this is written.
        let copied = families.withLock { Array($0.values) }
        for family in copied.sorted(by: { $0.definition.name < $1.definition.name }) {
            let isDropped = family.definition.name == Self.droppedDefinition.name
            let series = family.series.sorted { $0.key < $1.key }.map(\.value)
            writer.write(family.definition, isDropped ? [.counter(dropped)] : series)
        }
        return writer.end()
    }

    func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterSeries {
        if case .counter(let series)? = find(label, dimensions, .counter, .none) { return series }
        dropped.increment(by: 1 as Int64)
        return noCounter
    }

    func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeSeries {
        if case .gauge(let series)? = find(label, dimensions, .gauge, .none) { return series }
        dropped.increment(by: 1 as Int64)
        return noGauge
    }

    /// A histogram, of seconds if it is a timer's.
    func histogram(_ label: String, _ dimensions: [(String, String)], _ unit: MetricUnit) -> HistogramSeries {
        if case .histogram(let series)? = find(label, dimensions, .histogram, unit) { return series }
        dropped.increment(by: 1 as Int64)
        return noHistogram
    }

    func remove(_ key: SeriesKey, _ handler: AnyObject) {
        families.withLock { families in
            families[key.metric]?.remove(key.labels, handler)
            if let family = families[key.metric], !family.isDeclared, family.series.isEmpty {
                families[key.metric] = nil
            }
        }
    }

    /// The series, made if there is none; nil if a limit is reached. Whoever asks looks at its kind.
    private func find(
        _ label: String, _ dimensions: [(String, String)], _ kind: MetricKind, _ unit: MetricUnit
    ) -> Series? {
        families.withLock { families in
            let sanitised = MetricName.sanitised(label)
            let isDeclared = families[sanitised]?.isDeclared == true
            let name = isDeclared ? sanitised : MetricName.undeclared(label, kind, unit)
            if families[name] == nil {
                let undeclared = families.values.count { !$0.isDeclared }
                if undeclared >= configuration.undeclaredMetricsMax { return nil }
                families[name] = Family(definition(name, of: label, kind, unit), isDeclared: false)
            }
            // A handle of another kind must not use up a series.
            guard let definition = families[name]?.definition, definition.kind == kind else { return nil }
            let labels = Labels.text(
                dimensions, declared: families[name]?.isDeclared == true ? definition.labels : nil,
                bytesMax: configuration.labelBytesMax)
            return families[name]?.find(labels, limit: configuration.seriesPerMetricMax)
        }
    }

    private func definition(
        _ name: String, of label: String, _ kind: MetricKind, _ unit: MetricUnit
    ) -> MetricDefinition {
        let defaults = unit == .seconds ? configuration.timerBuckets : configuration.recorderBuckets
        return MetricDefinition(
            name, kind, unit: unit,
            buckets: kind == .histogram ? configuration.buckets[name] ?? defaults : [],
            help: "Recorded as \(label).")
    }
}
