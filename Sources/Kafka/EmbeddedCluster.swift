internal import CRdkafka
public import Logging

/// A Kafka cluster inside this process, on loopback, for demos and tests: librdkafka's mock.
///
/// Other processes can join it. It keeps records in memory only, at most about 5 MB or 100,000 batches per
/// topic partition (older ones vanish), and has no real transactions: records are visible at once, also those
/// of aborted ones, and offsets sent to a transaction are dropped. Production is Apache Kafka.
public final class EmbeddedCluster {
    private let handle: ClientHandle
    private let cluster: OpaquePointer
    private var topics: [String: Int32] = [:]

    /// "host:port,..." for clients.
    public let brokers: String

    /// Starts `brokerCount` brokers on ports of the system's choice.
    public init(brokerCount: Int32 = 1, logger: Logger) throws(KafkaError) {
        let sink = CallbackSink(logger: logger, statistics: nil)
        // The host client itself connects to nothing, so its warning that it has no brokers says nothing.
        let host = ClientConfiguration(brokers: "", settings: ["log_level": "3"])
        handle = try ClientHandle(RD_KAFKA_PRODUCER, host, sink)
        guard let cluster = rd_kafka_mock_cluster_new(handle.native, brokerCount) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__FAIL, "the embedded cluster did not start")
        }
        self.cluster = cluster
        brokers = String(cString: rd_kafka_mock_cluster_bootstraps(cluster))
    }

    deinit {
        rd_kafka_mock_cluster_destroy(cluster)
        handle.destroy()
    }

    /// Creates a topic; it must not exist yet. Topics that are only mentioned come into being with four topic
    /// partitions, so create those that matter before the first client asks for them.
    public func createTopic(_ name: String, topicPartitions: Int32) throws(KafkaError) {
        try check(
            rd_kafka_mock_topic_create(cluster, name, topicPartitions, 1), doing: "create topic '\(name)'")
        topics[name] = topicPartitions
    }

    /// Takes a broker off the network, or back.
    public func setBroker(_ id: Int32, isUp: Bool) throws(KafkaError) {
        try check(
            isUp ? rd_kafka_mock_broker_set_up(cluster, id) : rd_kafka_mock_broker_set_down(cluster, id),
            doing: "switch broker \(id)")
    }
}
