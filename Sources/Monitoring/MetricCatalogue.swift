/// The metrics of the orchestration service, declared. No label ever holds a customer: there are too many of them,
/// and they are nobody's business who watches dashboards.
public enum MetricCatalogue {
    /// All of them, by subject.
    public static let all =
        partitions + lookups + requests + topics + models + shadows + experiments + service

    /// Buckets of look-ups: from a hit in memory to a store that is far away, in seconds.
    public static let lookupBuckets = [
        0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1,
        0.5,
    ]
    /// Buckets of HTTP requests, in seconds.
    public static let requestBuckets = [
        0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
    ]

    /// What partition telemetry says.
    static let partitions: [MetricDefinition] = [
        MetricDefinition(
            "foreshadow_partition_reads_total", .counter, labels: ["partition"],
            help: "Reads the partition served, by its telemetry."),
        MetricDefinition(
            "foreshadow_partition_writes_total", .counter, labels: ["partition"],
            help: "Writes the partition served, by its telemetry."),
        MetricDefinition(
            "foreshadow_partition_errors_total", .counter, labels: ["partition"],
            help: "Requests to the partition that failed, by its telemetry."),
        MetricDefinition(
            "foreshadow_partition_latency_p50_seconds", .gauge, unit: .seconds, labels: ["partition"],
            help: "Median latency in the newest telemetry."),
        MetricDefinition(
            "foreshadow_partition_latency_p99_seconds", .gauge, unit: .seconds, labels: ["partition"],
            help: "99th percentile of latency in the newest telemetry."),
        MetricDefinition(
            "foreshadow_partition_utilisation_ratio", .gauge, unit: .ratio, labels: ["partition"],
            help: "Part of the partition's capacity in use; may exceed 1."),
        MetricDefinition(
            "foreshadow_partition_replica_lag_seconds", .gauge, unit: .seconds, labels: ["partition"],
            help: "How far copies in the partition are behind their source."),
        MetricDefinition(
            "foreshadow_partition_customers", .gauge, labels: ["partition"],
            help: "Customers whose reads go to the partition."),
    ]

    /// Where customers are looked up.
    static let lookups: [MetricDefinition] = [
        MetricDefinition(
            "foreshadow_lookup_duration_seconds", .histogram, unit: .seconds, buckets: lookupBuckets,
            help: "Time from a look-up's arrival to its decision."),
        MetricDefinition(
            "foreshadow_lookups_total", .counter, labels: ["partition"],
            help: "Look-ups by the partition they were sent to for reads."),
        MetricDefinition(
            "foreshadow_lookup_failures_total", .counter, labels: ["reason"],
            help: "Look-ups without a decision, by reason."),
    ]

    /// The HTTP interface. A route is a pattern, never a path.
    static let requests: [MetricDefinition] = [
        MetricDefinition(
            "foreshadow_http_requests_total", .counter, labels: ["route", "method", "status"],
            help: "HTTP requests answered."),
        MetricDefinition(
            "foreshadow_http_request_duration_seconds", .histogram, unit: .seconds, labels: ["route"],
            buckets: requestBuckets, help: "Time from an HTTP request's head to the end of its answer."),
        MetricDefinition(
            "foreshadow_events_subscribers", .gauge,
            help: "Clients that are subscribed to the stream of events."),
    ]

    /// The topics that are read.
    static let topics: [MetricDefinition] = [
        MetricDefinition(
            "foreshadow_topic_lag_records", .gauge, unit: .records, labels: ["topic"],
            help: "Records of the topic that are not read yet."),
        MetricDefinition(
            "foreshadow_topic_lag_seconds", .gauge, unit: .seconds, labels: ["topic"],
            help: "How long ago the newest record that was read was published, while there are newer ones."),
        MetricDefinition(
            "foreshadow_stage_stalled_seconds", .gauge, unit: .seconds, labels: ["stage", "topic"],
            help:
                "How long the stage has had input in the topic and committed nothing, while the cluster answers."
        ),
        MetricDefinition(
            "foreshadow_topic_records_total", .counter, labels: ["topic"],
            help: "Records read from the topic."),
        MetricDefinition(
            "foreshadow_topic_replacements_total", .counter, labels: ["topic"],
            help:
                "Times the topic was found deleted and created again, and everything was read from the beginning."
        ),
        MetricDefinition(
            "foreshadow_topic_lost_records_total", .counter, labels: ["topic"],
            help: "Offsets of the topic that were deleted before they were read."),
        MetricDefinition(
            "foreshadow_publish_dropped_records_total", .counter, labels: ["topic"],
            help: "Records that the service did not publish because the cluster would never take them."),
        MetricDefinition(
            "foreshadow_dead_letters_total", .counter,
            help: "Records that could not be used and went to the dead letters."),
        MetricDefinition(
            "foreshadow_restore_progress_ratio", .gauge, unit: .ratio,
            help: "Part of the state that is restored since the start; 1 once it is live."),
        MetricDefinition(
            "foreshadow_view_age_seconds", .gauge, unit: .seconds,
            help: "Time since the view that answers look-ups took in its newest record."),
    ]

    /// How good predictions are.
    static let models: [MetricDefinition] = [
        MetricDefinition(
            "foreshadow_calibration_error_ratio", .gauge, unit: .ratio,
            help: "Expected calibration error of the affinity vectors, by what customers did next."),
        MetricDefinition(
            "foreshadow_model_log_loss", .gauge,
            help: "Mean log loss of the affinity vectors in nats, by what customers did next."),
        MetricDefinition(
            "foreshadow_model_baseline_log_loss", .gauge,
            help:
                "Mean log loss in nats of a simple rule over the same accesses: the customer stays where it was."
        ),
        MetricDefinition(
            "foreshadow_forecast_exceeded_ratio", .gauge, unit: .ratio,
            help:
                "Part of the demand forecasts that what was measured at their lead exceeded; 0.1 is what they aim at."
        ),
    ]

    /// Shadows.
    static let shadows: [MetricDefinition] = [
        MetricDefinition(
            "foreshadow_shadows", .gauge, labels: ["phase"], help: "Shadows by the phase they are in."),
        MetricDefinition(
            "foreshadow_shadow_read_share_ratio", .gauge, unit: .ratio, labels: ["shadow"],
            help: "Part of the cohort's customers that read from the shadow."),
    ]

    /// Experiments.
    static let experiments: [MetricDefinition] = [
        MetricDefinition(
            "foreshadow_experiment_exposures_total", .counter, labels: ["experiment", "variant"],
            help: "Decisions that exposed a customer to a variant of an experiment."),
        MetricDefinition(
            "foreshadow_experiment_ratio_mismatch", .gauge, labels: ["experiment"],
            help: "1 while the variants' customers are not in the ratio they were meant to be in, else 0."),
    ]

    /// The service itself.
    static let service: [MetricDefinition] = [
        MetricDefinition(
            "foreshadow_alerts_firing", .gauge, labels: ["severity"],
            help: "Alerts that are firing, by severity."),
        MetricDefinition(
            "foreshadow_build_info", .gauge, labels: ["version", "commit", "swift"],
            help: "Always 1; its labels say what is running."),
    ]
}
