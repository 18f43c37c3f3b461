public import Kafka

/// How workers run: limits and intervals. Defaults suit production.
public struct StreamConfiguration: Sendable {
    /// What a crash may do to outputs.
    public enum Guarantee: String, Sendable, CaseIterable {
        /// Outputs and progress are committed together, in Kafka transactions.
        case exactlyOnce = "exactly-once"
        /// Outputs are visible at once, and may come twice after a crash. Sequences and epochs make that
        /// harmless downstream. Snapshots still are transactions.
        case atLeastOnce = "at-least-once"
    }

    /// How to reach the cluster.
    public var client: ClientConfiguration
    /// Settings for consumers, on top of `client`.
    public var consumerSettings: [String: String] = [:]
    /// Settings for producers, on top of `client`.
    public var producerSettings: [String: String] = [:]
    /// Precedes the names of consumer groups, so that two pipelines can share a cluster.
    public var groupPrefix = "foreshadow-"
    /// Distinguishes the transactional ids of this process from those of its siblings.
    public var instance: String
    /// Exactly once, or at least once.
    public var guarantee = Guarantee.exactlyOnce
    /// How often a transaction is committed, in milliseconds.
    public var commitIntervalMilliseconds = 100
    /// Commit earlier when the outputs reach this many bytes.
    public var commitBytes = 8 << 20
    /// Records taken from librdkafka at once.
    public var batchRecords = 1_000
    /// Silence on an input after which it is declared idle, in milliseconds; nil: never.
    public var idleTimeoutMilliseconds: Int? = 10_000
    /// How often an aborted transaction is tried again before the worker is made anew.
    public var retries = 10
    /// How long one request to the cluster may take before the worker looks after other things, in
    /// milliseconds. It is tried again.
    public var requestTimeoutMilliseconds = 2_000
    /// The longest wait before a failed worker is made anew, in milliseconds.
    public var restartBackoffMilliseconds = 30_000
    /// How long the last commit may take when the worker is told to stop, in milliseconds.
    public var stopTimeoutMilliseconds = 2_000
    /// How often a task's state is saved, in milliseconds.
    public var snapshotIntervalMilliseconds = 60_000
    /// Save earlier when a task has applied this many records: what a restore folds at most.
    public var snapshotRecords = 500_000
    /// Save earlier when this many entries have changed: what one transaction has to carry at most.
    public var snapshotEntries = 50_000
    /// How many copies of each task's state are kept beside the one at work; 0 or 1. With 1, every process
    /// follows all tasks it does not hold.
    public var standbys = 0
    /// How often a standby catches up, in milliseconds.
    public var standbyIntervalMilliseconds = 1_000

    /// Where to stop reading topic partitions, exclusive: for replays of a span.
    public var until: [TopicPartition: Int64] = [:]

    /// Defaults for a cluster.
    public init(client: ClientConfiguration, instance: String) {
        self.client = client
        self.instance = instance
    }
}
