public import Kafka

/// How workers run: limits and intervals. Defaults suit production.
public struct StreamConfiguration: Sendable {
    /// What a crash may do to outputs.
    public enum Guarantee: String, Sendable, CaseIterable {
        /// Outputs and progress are committed together, in Kafka transactions.
        case exactlyOnce = "exactly-once"
        /// Outputs may come twice after a crash. Sequences and epochs make that harmless downstream.
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
    /// How often a retriable failure is tried again before the worker is made anew.
    public var retries = 10
    /// The longest wait before a failed worker is made anew, in milliseconds.
    public var restartBackoffMilliseconds = 30_000

    /// Defaults for a cluster.
    public init(client: ClientConfiguration, instance: String) {
        self.client = client
        self.instance = instance
    }
}
