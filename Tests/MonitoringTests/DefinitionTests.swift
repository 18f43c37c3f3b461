import Monitoring
import Testing

/// Metrics that are declared are checked.
@Suite struct DefinitionTests {
    private static let bad: [(MetricDefinition, MetricFailure)] = [
        (MetricDefinition("a-b", .gauge, help: "A."), .name("a-b")),
        (MetricDefinition("1a", .gauge, help: "A."), .name("1a")),
        (MetricDefinition("a:b", .gauge, help: "A."), .name("a:b")),
        (MetricDefinition("a", .counter, help: "A."), .suffix("a", "_total")),
        (MetricDefinition("a_total", .gauge, help: "A."), .reservedSuffix("a_total")),
        (MetricDefinition("a_count", .gauge, help: "A."), .reservedSuffix("a_count")),
        (MetricDefinition("a_total", .counter, unit: .bytes, help: "A."), .suffix("a_total", "_bytes")),
        (MetricDefinition("a", .gauge, unit: .seconds, help: "A."), .suffix("a", "_seconds")),
        (MetricDefinition("a", .gauge, help: ""), .noHelp("a")),
        (MetricDefinition("a", .gauge, labels: ["le"], help: "A."), .label("le", of: "a")),
        (MetricDefinition("a", .gauge, labels: ["__b"], help: "A."), .label("__b", of: "a")),
        (MetricDefinition("a", .gauge, labels: ["b", "b"], help: "A."), .label("b", of: "a")),
        (MetricDefinition("a", .histogram, help: "A."), .buckets("a")),
        (MetricDefinition("a", .gauge, buckets: [1], help: "A."), .buckets("a")),
        (MetricDefinition("a", .histogram, buckets: [1, 1], help: "A."), .buckets("a")),
        (MetricDefinition("a", .histogram, buckets: [1, .infinity], help: "A."), .buckets("a")),
    ]

    @Test(arguments: bad)
    func `a malformed metric is refused, and what is wrong is named`(
        definition: MetricDefinition, failure: MetricFailure
    ) {
        #expect(throws: failure) { try definition.validate() }
        #expect(throws: failure) { try PrometheusRegistry(declared: [definition]) }
    }

    @Test func `a metric cannot be declared twice`() {
        let definition = MetricDefinition("a", .gauge, help: "A.")
        #expect(throws: MetricFailure.twice("a")) {
            try PrometheusRegistry(declared: [definition, definition])
        }
    }

    @Test func `limits out of range are refused`() {
        var configuration = MonitoringConfiguration()
        configuration.seriesPerMetricMax = 0
        #expect(throws: MetricFailure.outOfRange("seriesPerMetricMax", allowed: 1...1_000_000)) {
            try PrometheusRegistry(configuration)
        }
        configuration = MonitoringConfiguration()
        configuration.buckets = ["a": [2, 1]]
        #expect(throws: MetricFailure.buckets("a")) { try PrometheusRegistry(configuration) }
    }

    @Test func `the catalogue is well formed, and no label of it could hold a customer`() throws {
        _ = try PrometheusRegistry(declared: MetricCatalogue.all)
        let few: Set = [
            "partition", "reason", "route", "method", "status", "topic", "phase", "shadow", "experiment",
            "variant", "stage",
            "severity", "version", "commit", "swift",
        ]
        for definition in MetricCatalogue.all {
            #expect(few.isSuperset(of: definition.labels), "\(definition.name)")
            #expect(definition.name.hasPrefix("foreshadow_"))
        }
    }
}
