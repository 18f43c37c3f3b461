internal import Contracts
internal import CoreMetrics
internal import Experiments
internal import ForeshadowRouting
internal import Monitoring
internal import Routing
internal import Synchronization

/// What is measured of the service and of what it sees, for Prometheus. No customer is ever in a label.
final class Measurements: Sendable {
    private let registry: PrometheusRegistry
    private let lookup: Lookup
    private let live: LiveState
    private let flow: FlowWatch
    private let follower: TopicFollower
    private let hub: EventHub
    private let book: ExperimentBook
    private let quality: QualityBook
    private let deadLetters: String
    private let publisher: RecordPublisher
    /// The topics that the service publishes to.
    private let outputs: [String]
    private let seen: Mutex<Seen>
    private let duration: Timer

    /// What was there the last time, of what only grows.
    private struct Seen {
        var stats: LookupStats.Snapshot
        var totals: [LiveState.Totals]
        var records: [String: Int64] = [:]
        var replacements: [String: Int64] = [:]
        var lost: [String: Int64] = [:]
        var dropped: [String: Int64] = [:]
        var deadLetters: Int64?
        var exposed: [[String]: Int64] = [:]  // by experiment and variant
    }

    init(
        _ registry: PrometheusRegistry, _ lookup: Lookup, _ live: LiveState, _ flow: FlowWatch,
        _ follower: TopicFollower, _ hub: EventHub, _ book: ExperimentBook, _ quality: QualityBook,
        _ publisher: RecordPublisher, outputs: [String], deadLetters: String
    ) {
        self.registry = registry
        self.lookup = lookup
        self.live = live
        self.flow = flow
        self.follower = follower
        self.hub = hub
        self.book = book
        self.quality = quality
        self.deadLetters = deadLetters
        self.publisher = publisher
        self.outputs = outputs
        duration = Timer(label: "foreshadow_lookup_duration_seconds", dimensions: [], factory: registry)
        seen = Mutex(Seen(stats: lookup.stats.snapshot, totals: live.totals))
    }

    func took(_ time: Duration) { duration.recordNanoseconds(Int64(time / .nanoseconds(1))) }

    func exposition(_ format: ExpositionFormat) -> String {
        seen.withLock { seen in
            measureService(&seen)
            measurePartitions(&seen)
            measureShadows()
            measureTopics(&seen)
            measurePublishing(&seen)
            measureExperiments(&seen)
            measureQuality()
        }
        return registry.exposition(format)
    }

    private func gauge(_ name: String, _ value: Double?, _ labels: [(String, String)] = []) {
        guard let value else { return }
        Gauge(label: name, dimensions: labels, factory: registry).record(value)
    }

    private func count(_ name: String, _ growth: Int64, _ labels: [(String, String)] = []) {
        Counter(label: name, dimensions: labels, factory: registry).increment(by: max(0, growth))
    }

    private func measureService(_ seen: inout Seen) {
        let status = follower.status
        gauge("foreshadow_restore_progress_ratio", status.restoreProgress)
        gauge("foreshadow_view_age_seconds", lookup.freshness.ageMilliseconds.map { Double($0) / 1_000 })
        gauge("foreshadow_events_subscribers", Double(hub.listenerCount))
        for severity in AlertSeverity.allCases {
            let firing = live.alerts.count { $0.state == .firing && $0.severity == severity }
            gauge("foreshadow_alerts_firing", Double(firing), [("severity", severity.rawValue)])
        }
        gauge(
            "foreshadow_build_info", 1,
            [
                ("version", OrchestratorVersion.version), ("commit", "unknown"),
                ("swift", OrchestratorVersion.swift),
            ])
    }

    private func measurePartitions(_ seen: inout Seen) {
        let (stats, totals, telemetry) = (lookup.stats.snapshot, live.totals, live.telemetry)
        let since = stats.since(seen.stats)
        let customers = lookup.table.mass.customers
        for (place, name) in lookup.table.partitions.names.enumerated() {
            let labels = [("partition", name)]
            count("foreshadow_lookups_total", Int64(since.partitions[place]), labels)
            count("foreshadow_partition_reads_total", totals[place].reads - seen.totals[place].reads, labels)
            count(
                "foreshadow_partition_writes_total", totals[place].writes - seen.totals[place].writes, labels)
            count(
                "foreshadow_partition_errors_total", totals[place].errors - seen.totals[place].errors, labels)
            gauge("foreshadow_partition_customers", Double(customers[place]), labels)
            guard let newest = telemetry[place] else { continue }
            gauge("foreshadow_partition_latency_p50_seconds", Double(newest.latencyP50Micros) / 1e6, labels)
            gauge("foreshadow_partition_latency_p99_seconds", Double(newest.latencyP99Micros) / 1e6, labels)
            gauge("foreshadow_partition_utilisation_ratio", Double(newest.utilisationMilli) / 1_000, labels)
            gauge("foreshadow_partition_replica_lag_seconds", Double(newest.replicaLagMillis) / 1_000, labels)
        }
        count("foreshadow_lookup_failures_total", Int64(since.failures), [("reason", "unknown-customer")])
        seen.stats = stats
        seen.totals = totals
    }

    private func measureShadows() {
        let commands = live.commands
        for phase in Phase.allCases {
            let count = commands.count { $0.command.phase == phase }
            gauge("foreshadow_shadows", Double(count), [("phase", phase.rawValue)])
        }
        for (name, command) in commands {
            gauge(
                "foreshadow_shadow_read_share_ratio", Double(command.readShareMilli) / 1_000,
                [("shadow", name)])
        }
    }

    private func measureQuality() {
        let figures = quality.figures
        gauge("foreshadow_model_log_loss", figures.logLoss)
        gauge("foreshadow_model_baseline_log_loss", figures.baselineLogLoss)
        gauge("foreshadow_calibration_error_ratio", figures.calibrationError)
        gauge("foreshadow_forecast_exceeded_ratio", figures.forecastsExceeded)
    }

    private func measureExperiments(_ seen: inout Seen) {
        for (record, report) in book.recentReports {
            gauge(
                "foreshadow_experiment_ratio_mismatch", report.sampleRatio.isMismatch ? 1 : 0,
                [("experiment", record.name)])
            for variant in report.variants {
                let key = [record.name, variant.name]
                count(
                    "foreshadow_experiment_exposures_total", variant.exposed - seen.exposed[key, default: 0],
                    [("experiment", record.name), ("variant", variant.name)])
                seen.exposed[key] = variant.exposed
            }
        }
    }

    private func measurePublishing(_ seen: inout Seen) {
        let dropped = publisher.dropped
        for topic in outputs {
            count(
                "foreshadow_publish_dropped_records_total",
                dropped[topic, default: 0] - seen.dropped[topic, default: 0], [("topic", topic)])
        }
        seen.dropped = dropped
    }

    private func measureTopics(_ seen: inout Seen) {
        for topic in follower.status.topics {
            let labels = [("topic", topic.name)]
            gauge("foreshadow_topic_lag_records", topic.lagRecords.map(Double.init), labels)
            gauge("foreshadow_topic_lag_seconds", topic.lagMilliseconds.map { Double($0) / 1_000 }, labels)
            count(
                "foreshadow_topic_records_total", topic.records - seen.records[topic.name, default: 0], labels
            )
            seen.records[topic.name] = topic.records
            count(
                "foreshadow_topic_replacements_total",
                topic.replacements - seen.replacements[topic.name, default: 0], labels)
            seen.replacements[topic.name] = topic.replacements
            count(
                "foreshadow_topic_lost_records_total", topic.lostRecords - seen.lost[topic.name, default: 0],
                labels)
            seen.lost[topic.name] = topic.lostRecords
        }
        if let letters = flow.figures.first(where: {
            $0.step.topic == deadLetters && $0.recordsPerSecond != nil
        }) {
            count("foreshadow_dead_letters_total", letters.records - (seen.deadLetters ?? letters.records))
            seen.deadLetters = letters.records
        }
        for figures in flow.figures where figures.step.group != nil {
            let labels = [("topic", figures.step.topic)]
            gauge("foreshadow_topic_lag_records", figures.lagRecords.map(Double.init), labels)
            gauge("foreshadow_topic_lag_seconds", figures.lagSeconds, labels)
            gauge(
                "foreshadow_stage_stalled_seconds", figures.stalledSeconds,
                labels + [("stage", figures.step.consumer)])
        }
    }
}

/// What is running.
enum OrchestratorVersion {
    static let version = "1"
    #if swift(>=6.3)
        static let swift = "6.3"
    #else
        static let swift = "6.2"
    #endif
}
