public import Kafka

/// Publishes records and notes in the same transactions how far it is, so that whoever goes on neither leaves
/// out a record nor sends one twice.
public final class ReplayPublisher {
    private let producer: any StreamProducer
    private let consumer: any StreamConsumer
    private let cluster: any Cluster
    private var buffer: RecordBuffer

    private static let timeoutMilliseconds: Int32 = 10_000
    private static let retries = 10

    /// Publishes to `topics`; progress is kept as the committed offsets of group `name`, which nobody joins.
    public init(name: String, topics: [String], cluster: any Cluster) throws(KafkaError) {
        self.cluster = cluster
        producer = try cluster.makeProducer(client: name, transactionalID: name)
        consumer = try cluster.makeConsumer(group: name, client: name)
        buffer = RecordBuffer(topics: topics)
    }

    deinit {
        producer.close()
        consumer.close()
    }

    /// How many records wait for the next commit.
    public var waiting: Int { buffer.count }

    /// Ends what a predecessor left open and answers how far it got.
    public func start(_ places: [TopicPartition]) throws(KafkaError) -> [TopicPartition: Int64] {
        try again { () throws(KafkaError) in
            try producer.initTransactions(timeoutMilliseconds: Self.timeoutMilliseconds)
        }
        return try again { () throws(KafkaError) in
            try consumer.committed(places, timeoutMilliseconds: Self.timeoutMilliseconds).mapValues(\.offset)
        }
    }

    /// Adds a record to topic number `topic`; partition -1 lets the key's hash choose.
    public func append(
        topic: Int = 0, partition: Int32 = -1, key: RawSpan?, value: RawSpan?, headers: [Header] = []
    ) {
        buffer.append(topic: topic, partition: partition, key: key, value: value, headers: headers)
    }

    /// Commits what waits, and `progress` with it.
    public func commit(_ progress: [TopicPartition: Int64]) throws(KafkaError) {
        var failures = 0
        while true {
            do throws(KafkaError) {
                try attempt(progress)
                return buffer.removeAll()
            } catch {
                failures += 1
                guard error.requiresAbort, !error.isFenced, failures <= Self.retries else { throw error }
            }
            try again { () throws(KafkaError) in
                try producer.abortTransaction(timeoutMilliseconds: Self.timeoutMilliseconds)
            }
        }
    }

    private func attempt(_ progress: [TopicPartition: Int64]) throws(KafkaError) {
        try producer.beginTransaction()
        var sent = 0
        while sent < buffer.count {
            sent = try producer.send(buffer, from: sent, timeoutMilliseconds: Self.timeoutMilliseconds)
        }
        try again { () throws(KafkaError) in
            try producer.sendOffsets(
                progress.mapValues { OffsetAndMetadata($0) }, of: consumer,
                timeoutMilliseconds: Self.timeoutMilliseconds)
        }
        try again { () throws(KafkaError) in
            try producer.commitTransaction(timeoutMilliseconds: Self.timeoutMilliseconds)
        }
    }

    /// Calls again what ran into a time-out.
    private func again<Result>(_ body: () throws(KafkaError) -> Result) throws(KafkaError) -> Result {
        var failures = 0
        while true {
            do throws(KafkaError) {
                return try body()
            } catch {
                failures += 1
                if !error.isRetriable || failures > Self.retries { throw error }
                cluster.wait(.milliseconds(100))
            }
        }
    }
}
