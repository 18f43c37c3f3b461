internal import Foundation
public import Logging

/// Apache Kafka, or what speaks its protocol, through librdkafka.
public final class KafkaCluster: Cluster {
    private let configuration: ClientConfiguration
    private let consumerSettings: [String: String]
    private let producerSettings: [String: String]
    private let logger: Logger

    /// A cluster that is reached by `configuration`; consumers and producers get their settings on top.
    public init(
        _ configuration: ClientConfiguration, consumerSettings: [String: String] = [:],
        producerSettings: [String: String] = [:], logger: Logger
    ) {
        self.configuration = configuration
        self.consumerSettings = consumerSettings
        self.producerSettings = producerSettings
        self.logger = logger
    }

    /// Makes a consumer that reports its statistics as metrics.
    public func makeConsumer(group: String, client: String, instance: String?) throws(KafkaError)
        -> any StreamConsumer
    {
        // Whenever librdkafka has this many records in store it rests for a whole second. The bound that counts is
        // the one in bytes, queued.max.messages.kbytes.
        let base = configuration.defaulting(["queued.min.messages": "1000000"])
        var names = ["group.id": group, "client.id": client]
        if let instance {
            names["group.instance.id"] = instance
            // A member that lost its place in the log must not go on elsewhere without a word.
            names["auto.offset.reset"] = "error"
        }
        return try Consumer(
            base.setting(consumerSettings).setting(names),
            logger: logger, statistics: StatisticsReporter(client: "\(group)-consumer"))
    }

    /// Makes a producer that reports its statistics as metrics.
    public func makeProducer(client: String, transactionalID: String?) throws(KafkaError)
        -> any StreamProducer
    {
        var settings = producerSettings
        settings["client.id"] = client
        if let transactionalID { settings["transactional.id"] = transactionalID }
        return try Producer(
            configuration.setting(settings), logger: logger,
            statistics: StatisticsReporter(client: "\(client)-producer"))
    }

    /// How many topic partitions each topic has.
    public func topicPartitionCounts() throws(KafkaError) -> [String: Int32] {
        let topics = try Admin(configuration, logger: logger, timeoutMilliseconds: 5_000).topics()
        return Dictionary(uniqueKeysWithValues: topics.map { ($0.name, $0.topicPartitions) })
    }

    /// The `client.id` of each live member of a group.
    public func clients(ofGroup group: String) throws(KafkaError) -> Set<String> {
        let admin = try Admin(configuration, logger: logger, timeoutMilliseconds: 2_000)
        return try admin.clients(ofGroup: group)
    }

    /// The machine's clock.
    public var now: ContinuousClock.Instant { .now }

    /// Sleeps.
    public func wait(_ duration: Duration) {
        Thread.sleep(forTimeInterval: duration / .seconds(1))
    }
}
