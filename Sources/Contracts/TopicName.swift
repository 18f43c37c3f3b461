/// The names of the topics.
public enum TopicName {
    /// Customer interactions, keyed by customer.
    public static let interactions = "interactions"
    /// Customer profiles, keyed by customer; a tombstone forgets the customer.
    public static let customers = "customers"
    /// Vector changes, keyed by customer.
    public static let affinityVectors = "affinity-vectors"
    /// Sums per home and partition, keyed by the topic partition they are over.
    public static let partitionTrends = "partition-trends"
    /// How good the updater's forecasts were, keyed by the topic partition of the accesses.
    public static let modelQuality = "model-quality"
    /// How partitions do, keyed by partition.
    public static let partitionTelemetry = "partition-telemetry"
    /// What operators order of shadows, keyed by shadow.
    public static let shadowOrders = "shadow-orders"
    /// The states of shadows, keyed by shadow.
    public static let partitionCommands = "partition-commands"
    /// The states shadows would have, from a planner that runs dry; keyed by shadow.
    public static let dryRunCommands = "partition-commands-dry-run"
    /// What became of routed requests, keyed by customer.
    public static let routingOutcomes = "routing-outcomes"
    /// Experiments of the routing, keyed by name.
    public static let routingExperiments = "routing-experiments"
    /// Who was exposed to which variant of an experiment, keyed by customer.
    public static let routingExposures = "routing-exposures"
    /// What is measured and expected of flows, keyed by home and partition.
    public static let partitionForecasts = "partition-forecasts"
    /// Alerts, keyed by rule.
    public static let alerts = "alerts"
    /// Records that could not be used, with their bytes untouched.
    public static let deadLetters = "interactions-dead-letter"
    /// The affinity updater's state, keyed by customer.
    public static let updaterSnapshots = "updater-snapshots"
    /// The trend aggregator's state, keyed by customer.
    public static let trendsSnapshots = "trends-snapshots"
    /// The planner's state.
    public static let plannerSnapshots = "planner-snapshots"
    /// The state of a planner that runs dry.
    public static let dryRunSnapshots = "planner-snapshots-dry-run"

    /// The catalogue of models, keyed by name and fingerprint.
    public static let affinityModels = "affinity-models"

    /// All of them, inputs first.
    public static let all = [
        interactions, customers, affinityVectors, modelQuality, partitionTrends, partitionTelemetry,
        shadowOrders, partitionCommands, dryRunCommands, routingExperiments, routingExposures,
        routingOutcomes, alerts, partitionForecasts, deadLetters, updaterSnapshots, trendsSnapshots,
        plannerSnapshots, dryRunSnapshots, affinityModels,
    ]
}

/// The headers that a dead letter has beside those of the record it was.
public enum DeadLetterHeader {
    /// The code of the reason: see `Rejection.Reason`.
    public static let reason = "foreshadow-reason"
    /// The reason in words.
    public static let detail = "foreshadow-detail"
    /// The topic the record was read from.
    public static let topic = "foreshadow-topic"
    /// The topic partition it was read from.
    public static let topicPartition = "foreshadow-topic-partition"
    /// Its offset there.
    public static let offset = "foreshadow-offset"
}
