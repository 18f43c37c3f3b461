import Metrics
import Testing

@testable import Monitoring

/// What a scrape sees.
@Suite struct ExpositionTests {
    private static let declared = [
        MetricDefinition(
            "jobs_total", .counter, labels: ["kind"], help: "Jobs that \"ran\",\nby kind (C:\\jobs)."),
        MetricDefinition("queue_bytes", .gauge, unit: .bytes, help: "What waits."),
        MetricDefinition(
            "job_duration_seconds", .histogram, unit: .seconds, buckets: [0.01, 0.1, 1], help: "How long."),
    ]

    private func filled() throws -> PrometheusRegistry {
        let registry = try PrometheusRegistry(declared: Self.declared)
        Counter(label: "jobs_total", dimensions: [("kind", "a\"b\\c\nd")], factory: registry).increment(by: 3)
        Meter(label: "queue_bytes", factory: registry).set(0.25)
        let timer = Timer(label: "job_duration_seconds", factory: registry)
        for milliseconds in [5, 10, 50, 2_000] { timer.recordMilliseconds(milliseconds) }
        return registry
    }

    @Test func `the plain format has heads, escapes and cumulative buckets`() throws {
        #expect(
            try filled().exposition() == #"""
                # HELP foreshadow_metrics_series_dropped_total \#(PrometheusRegistry.droppedDefinition.help)
                # TYPE foreshadow_metrics_series_dropped_total counter
                foreshadow_metrics_series_dropped_total 0
                # HELP job_duration_seconds How long.
                # TYPE job_duration_seconds histogram
                job_duration_seconds_bucket{le="0.01"} 2
                job_duration_seconds_bucket{le="0.1"} 3
                job_duration_seconds_bucket{le="1.0"} 3
                job_duration_seconds_bucket{le="+Inf"} 4
                job_duration_seconds_sum 2.065
                job_duration_seconds_count 4
                # HELP jobs_total Jobs that "ran",\nby kind (C:\\jobs).
                # TYPE jobs_total counter
                jobs_total{kind="a\"b\\c\nd"} 3
                # HELP queue_bytes What waits.
                # TYPE queue_bytes gauge
                queue_bytes 0.25

                """#)
    }

    @Test func `OpenMetrics names counters without total, tells units and ends with EOF`() throws {
        let text = try filled().exposition(.openMetrics)
        #expect(text.contains("# TYPE jobs counter\njobs_total{"))
        #expect(text.contains(#"# HELP jobs Jobs that \"ran\",\nby kind (C:\\jobs)."#))
        #expect(text.contains("# TYPE queue_bytes gauge\n# UNIT queue_bytes bytes\nqueue_bytes 0.25\n"))
        #expect(text.hasSuffix("\n# EOF\n"))
    }

    @Test(arguments: [
        (nil, ExpositionFormat.text), ("", .text), ("*/*", .text), ("text/plain;version=0.0.4", .text),
        ("application/openmetrics-text", .openMetrics),
        ("application/openmetrics-text;version=0.0.1", .text),
        ("application/openmetrics-text; version=1.0.0; q=0", .text),
        // What Prometheus 2 and 3 send.
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .openMetrics
        ),
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", .openMetrics
        ),
        ("text/plain, application/openmetrics-text;version=1.0.0;q=0.5", .text),
    ])
    func `the format is the one that Accept asks for`(accept: String?, format: ExpositionFormat) {
        #expect(ExpositionFormat(accept: accept) == format)
    }

    @Test(
        arguments: [
            (0, "0"), (-3, "-3"), (0.1, "0.1"), (1e-9, "1e-09"),
            (9_007_199_254_740_992, "9007199254740992.0"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        ] as [(Double, String)])
    func `numbers are written as Prometheus reads them`(value: Double, text: String) {
        #expect(ExpositionWriter.number(value) == text)
    }

    @Test(.enabled(if: Promtool.isThere, "\(Promtool.whyNot)"))
    func `promtool finds nothing to mend in what libraries and the catalogue record`() throws {
        let registry = try PrometheusRegistry(declared: MetricCatalogue.all)
        for definition in MetricCatalogue.all {
            let (name, dimensions) = (definition.name, definition.labels.map { ($0, "a\\b\"c\nd") })
            switch definition.kind {
            case .counter: Counter(label: name, dimensions: dimensions, factory: registry).increment()
            case .gauge: Meter(label: name, dimensions: dimensions, factory: registry).set(1.5)
            case .histogram: Timer(label: name, dimensions: dimensions, factory: registry).recordSeconds(3)
            }
        }
        Gauge(label: "kafka.consumer.queue.count", dimensions: [("le", "1")], factory: registry).record(1)
        Recorder(label: "batch size", factory: registry).record(17)
        let text = registry.exposition()
        let (status, said) = try Promtool.run(["check", "metrics"], input: text)
        #expect(status == 0 && said == "", "\(said)")
        let (bad, _) = try Promtool.run(["check", "metrics"], input: text + "loose_milliseconds 1\n")
        #expect(bad != 0, "promtool checks something")
    }
}
