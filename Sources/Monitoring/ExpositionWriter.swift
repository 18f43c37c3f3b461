/// Writes metrics as text. Sources: Prometheus, "Exposition formats" (text format 0.0.4), and the OpenMetrics 1.0
/// specification.
struct ExpositionWriter {
    private let format: ExpositionFormat
    private var text = ""

    init(_ format: ExpositionFormat) { self.format = format }

    /// Appends a metric's head and series.
    mutating func write(_ definition: MetricDefinition, _ series: [Series]) {
        writeHead(definition)
        for series in series {
            switch series {
            case .counter(let counter):
                line(definition.name, counter.key.labels, Self.number(counter.value))
            case .gauge(let gauge): line(definition.name, gauge.key.labels, Self.number(gauge.value))
            case .histogram(let histogram): write(definition.name, histogram)
            }
        }
    }

    /// All that was written.
    mutating func end() -> String {
        if format == .openMetrics { text += "# EOF\n" }
        return text
    }

    /// OpenMetrics calls a counter by what its samples are called without `_total`.
    private mutating func writeHead(_ definition: MetricDefinition) {
        let isOpen = format == .openMetrics
        let isStem = isOpen && definition.kind == .counter
        let name = isStem ? String(definition.name.dropLast("_total".count)) : definition.name
        let help = isOpen ? Escape.quoted(definition.help) : Escape.plain(definition.help)
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(definition.kind.rawValue)\n"
        if isOpen, definition.unit != .none { text += "# UNIT \(name) \(definition.unit.rawValue)\n" }
    }

    private mutating func write(_ name: String, _ histogram: HistogramSeries) {
        let labels = histogram.key.labels
        let prefix = labels.isEmpty ? "" : labels + ","
        let sum = histogram.sum
        var count: UInt64 = 0
        for (place, inBucket) in histogram.counts.enumerated() {
            count += inBucket
            let bound = place < histogram.bounds.count ? "\(histogram.bounds[place])" : "+Inf"
            line("\(name)_bucket", "\(prefix)le=\"\(bound)\"", "\(count)")
        }
        line("\(name)_sum", labels, Self.number(sum))
        line("\(name)_count", labels, "\(count)")
    }

    private mutating func line(_ name: String, _ labels: String, _ value: String) {
        text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }

    /// Whole numbers without a point, others in the fewest digits that say them exactly.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        let isWhole = value.magnitude < 9_007_199_254_740_992 && value == value.rounded(.towardZero)
        return isWhole ? "\(Int64(value))" : "\(value)"
    }
}
