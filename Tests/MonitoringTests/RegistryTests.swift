import Metrics
import Testing

@testable import Monitoring

/// What a registry keeps, and what it does not.
@Suite struct RegistryTests {
    private func lines(_ registry: PrometheusRegistry, _ prefix: String) -> [String] {
        registry.exposition().split(separator: "\n").map(String.init).filter { $0.hasPrefix(prefix) }
    }

    @Test func `increments and observations at the same time are all there`() async throws {
        let registry = try PrometheusRegistry(
            declared: [
                MetricDefinition("t_seconds", .histogram, unit: .seconds, buckets: [1, 2], help: "Times.")
            ])
        let (tasks, each) = (8, 20_000)
        await withTaskGroup { group in
            for task in 0..<tasks {
                group.addTask { @concurrent in
                    let whole = Counter(label: "whole", factory: registry)
                    let part = FloatingPointCounter(label: "part", factory: registry)
                    let level = Meter(label: "level", factory: registry)
                    let timer = Timer(label: "t_seconds", factory: registry)
                    for step in 0..<each {
                        whole.increment()
                        part.increment(by: 0.5)
                        level.increment(by: task % 2 == 0 ? 2 : -1)
                        timer.recordSeconds((task + step) % 4)
                        // Another thread's labels come and go all the while.
                        if step % 1_000 == 0 {
                            let other = Counter(
                                label: "other", dimensions: [("task", "\(task)")], factory: registry)
                            other.destroy()
                        }
                    }
                }
            }
        }
        let count = tasks * each
        #expect(lines(registry, "whole_total") == ["whole_total \(count)"])
        #expect(lines(registry, "part_total") == ["part_total \(count / 2)"])
        #expect(lines(registry, "level") == ["level \(count / 2)"])
        #expect(
            lines(registry, "t_seconds") == [
                "t_seconds_bucket{le=\"1.0\"} \(count / 2)", "t_seconds_bucket{le=\"2.0\"} \(count / 4 * 3)",
                "t_seconds_bucket{le=\"+Inf\"} \(count)", "t_seconds_sum \(count / 4 * 6)",
                "t_seconds_count \(count)",
            ])
        #expect(lines(registry, "other") == [])
    }

    @Test func `series beyond the limit are counted, not kept, and harm nobody`() throws {
        var configuration = MonitoringConfiguration()
        configuration.seriesPerMetricMax = 10
        configuration.undeclaredMetricsMax = 2
        let registry = try PrometheusRegistry(configuration)
        for customer in 0..<1_000 {
            let counter = Counter(
                label: "reads", dimensions: [("customer", "\(customer)")], factory: registry)
            counter.increment()
            if customer >= 10 { counter.destroy() }
        }
        #expect(lines(registry, "reads_total").count == 10)
        #expect(lines(registry, "foreshadow_metrics_series_dropped_total").last?.hasSuffix(" 990") == true)
        for name in 0..<100 { Recorder(label: "metric \(name)", factory: registry).record(1) }
        #expect(lines(registry, "# TYPE").count == 3)
        #expect(lines(registry, "foreshadow_metrics_series_dropped_total").last?.hasSuffix(" 1089") == true)
    }

    @Test func `a label that was not declared is left out, and one that is missing is empty`() throws {
        let registry = try PrometheusRegistry(
            declared: [
                MetricDefinition("reads_total", .counter, labels: ["partition", "kind"], help: "Reads.")
            ])
        for customer in 0..<50 {
            let dimensions = [("customer", "\(customer)"), ("partition", "eu")]
            Counter(label: "reads_total", dimensions: dimensions, factory: registry).increment()
        }
        #expect(lines(registry, "reads_total") == [#"reads_total{kind="",partition="eu"} 50"#])
    }

    @Test func `the order of labels does not matter, and of two with one name the first counts`() throws {
        let registry = try PrometheusRegistry()
        let orders = ["ab", "ba", "abA"].map { names in
            names.map { ($0.lowercased(), $0 == "A" ? "3" : $0 == "a" ? "1" : "2") }
        }
        for order in orders { Counter(label: "n", dimensions: order, factory: registry).increment() }
        #expect(lines(registry, "n_total") == [#"n_total{a="1",b="2"} 3"#])
    }

    @Test func `a handle of another kind gets no series`() throws {
        var configuration = MonitoringConfiguration()
        configuration.seriesPerMetricMax = 1
        let registry = try PrometheusRegistry(
            configuration,
            declared: [MetricDefinition("reads_total", .counter, labels: ["kind"], help: "Reads.")])
        Timer(label: "reads_total", dimensions: [("kind", "a")], factory: registry).recordSeconds(1)
        Meter(label: "reads_total", dimensions: [("kind", "b")], factory: registry).set(7)
        Counter(label: "reads_total", dimensions: [("kind", "c")], factory: registry).increment()
        #expect(lines(registry, "reads_total") == [#"reads_total{kind="c"} 1"#])
        #expect(lines(registry, "# TYPE reads_total") == ["# TYPE reads_total counter"])
        #expect(lines(registry, "foreshadow_metrics_series_dropped_total").last?.hasSuffix(" 2") == true)
    }

    @Test func `counters never fall, and what is no number is not observed`() throws {
        let registry = try PrometheusRegistry()
        let counter = Counter(label: "n", factory: registry)
        counter.increment(by: 5)
        counter.increment(by: -2)
        let recorder = Recorder(label: "sizes", factory: registry)
        recorder.record(Double.nan)
        recorder.record(2)
        Timer(label: "wait", factory: registry).recordNanoseconds(-1)
        #expect(lines(registry, "n_total") == ["n_total 5"])
        #expect(lines(registry, "sizes_sum") == ["sizes_sum 2"])
        #expect(lines(registry, "sizes_count") == ["sizes_count 1"])
        #expect(lines(registry, "wait_seconds_sum") == ["wait_seconds_sum 0"])
    }

    @Test func `buckets of the configuration replace those of the declaration`() throws {
        var configuration = MonitoringConfiguration()
        configuration.buckets = ["a_seconds": [7], "sizes": [9]]
        let registry = try PrometheusRegistry(
            configuration,
            declared: [
                MetricDefinition("a_seconds", .histogram, unit: .seconds, buckets: [1, 2], help: "A.")
            ])
        Recorder(label: "sizes", factory: registry).record(1)
        #expect(lines(registry, "a_seconds_bucket").first == #"a_seconds_bucket{le="7.0"} 0"#)
        #expect(lines(registry, "sizes_bucket").first == #"sizes_bucket{le="9.0"} 1"#)
    }

    @Test func `a gauge that is not aggregated keeps the last value, and ends when it is destroyed`() throws {
        let registry = try PrometheusRegistry()
        let gauge = Gauge(label: "depth", factory: registry)
        gauge.record(4)
        gauge.record(3)
        #expect(lines(registry, "depth") == ["depth 3"])
        gauge.destroy()
        #expect(lines(registry, "depth") == [])
    }

    @Test func `a label's value is cut to its limit`() throws {
        var configuration = MonitoringConfiguration()
        configuration.labelBytesMax = 4
        let registry = try PrometheusRegistry(configuration)
        Counter(label: "n", dimensions: [("a", "éééé")], factory: registry).increment()
        #expect(lines(registry, "n_total") == [#"n_total{a="éé"} 1"#])
    }
}
