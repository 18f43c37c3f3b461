/// What a registry keeps at most, and how it counts what was not declared.
public struct MonitoringConfiguration: Sendable, Equatable {
    /// Series a metric may have. What is over it is counted and not kept. 1,000 unless told.
    public var seriesPerMetricMax = 1_000
    /// Metrics there may be beside the declared ones. 500 unless told.
    public var undeclaredMetricsMax = 500
    /// UTF-8 bytes of a label's value that are kept; the rest is cut off. 256 unless told.
    public var labelBytesMax = 256
    /// Buckets by name of metric, in place of the declared ones or the defaults.
    public var buckets: [String: [Double]] = [:]
    /// Buckets of timers that were not declared, in seconds.
    public var timerBuckets: [Double] = [
        0.000_25, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]
    /// Buckets of other distributions that were not declared.
    public var recorderBuckets: [Double] = [
        1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576,
    ]

    /// The defaults.
    public init() {}

    /// Throws if the numbers cannot work. `PrometheusRegistry` takes only what passes here.
    public func validate() throws(MetricFailure) {
        for (name, value, allowed) in [
            ("seriesPerMetricMax", seriesPerMetricMax, 1...1_000_000),
            ("undeclaredMetricsMax", undeclaredMetricsMax, 0...100_000),
            ("labelBytesMax", labelBytesMax, 1...65_536),
        ] where !allowed.contains(value) { throw .outOfRange(name, allowed: allowed) }
        for (name, bounds) in [("timerBuckets", timerBuckets), ("recorderBuckets", recorderBuckets)]
            + buckets.sorted(by: { $0.key < $1.key }).map({ ($0.key, $0.value) })
        where bounds.isEmpty || !MetricDefinition.areBuckets(bounds) { throw .buckets(name) }
    }
}
