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

    /// What to do about input that is gone, or is another log than the one read so far.
    public enum LogChangePolicy: String, Sendable, CaseIterable {
        /// End the process with a message and a code of its own.
        case stop
        /// Count what was lost or is read again, log it as an error, and go on with what is there.
        case goOn = "continue"
    }

    /// How to reach the cluster.
    public var client: ClientConfiguration
    /// Settings for consumers, on top of `client`.
    public var consumerSettings: [String: String] = [:]
    /// Settings for producers, on top of `client`.
    public var producerSettings: [String: String] = [:]
    /// Precedes the names of consumer groups, so that two pipelines can share a cluster.
    public var groupPrefix = "foreshadow-"
    /// Names this process among its siblings: in its transactional ids, and as a static member of its groups. Of
    /// two processes of one name the younger takes over, and the older ends.
    public var instance: String
    /// After how many milliseconds without a heartbeat a process counts as dead, and others take its tasks over.
    public var sessionTimeoutMilliseconds = 10_000
    /// Exactly once, or at least once.
    public var guarantee = Guarantee.exactlyOnce
    /// How often a transaction is committed, in milliseconds.
    public var commitIntervalMilliseconds = 100
    /// After how many milliseconds brokers end a transaction whose process has died, and that nobody else has ended:
    /// readers wait for it meanwhile.
    public var transactionTimeoutMilliseconds = 10_000
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
    public var restartBackoffMilliseconds = 5_000
    /// A worker that is silent for longer, because a call into the client library does not return, is left behind
    /// and replaced, in milliseconds. A worker that makes no progress for so long and a session time-out, although
    /// the cluster answers, is replaced too.
    public var replaceAfterMilliseconds = 10_000
    /// How many replacements in a row may bring no progress before the process ends, for its supervisor to start it
    /// again.
    public var replacementsMax = 3
    /// After how many milliseconds without progress, although the cluster answers, a stage is not live.
    public var liveTimeoutMilliseconds = 60_000
    /// How often the cluster is asked whether the topics are still those the stage was made for, in milliseconds.
    public var topicCheckMilliseconds = 10_000
    /// What to do about input that was lost, or is another log than the one read so far.
    public var onLogChange = LogChangePolicy.stop
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
