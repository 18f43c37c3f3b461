import Contracts
import Kafka
import Logging
import Pipeline

/// The catalogue of models on a cluster, and the marks that switch them.
struct ModelTopics {
    private let client: ClientConfiguration
    private let catalogue: String
    private let interactions: String
    private let logger = CommandLog.logger("models")

    private static let timeoutMilliseconds: Int32 = 30_000

    init(_ settings: Settings) throws {
        guard !settings.client.brokers.isEmpty else {
            throw CommandFailure.input(
                "no brokers: give --brokers, FORESHADOW_BROKERS or a --config with them")
        }
        self.init(
            settings.client, catalogue: settings.topics.name(TopicName.affinityModels),
            interactions: settings.topics.name(TopicName.interactions))
    }

    /// The same by the names of the topics.
    init(_ client: ClientConfiguration, catalogue: String = TopicName.affinityModels, interactions: String) {
        self.client = client
        self.catalogue = catalogue
        self.interactions = interactions
    }

    /// Reads the catalogue to its end.
    func read() throws -> ModelCatalogue {
        var result = ModelCatalogue()
        let reader = try TopicReader(client, topic: catalogue, from: .beginning, logger: logger)
        var isOpen = true
        while isOpen {
            isOpen = try reader.poll {
                result.apply(key: $0.key, file: $0.value, published: $0.timestamp)
            }
        }
        return result
    }

    /// Puts a file into the catalogue, or takes it out.
    func put(_ key: String, _ file: [UInt8]?) throws {
        _ = try topicPartitions(catalogue)
        let producer = try Producer(client, logger: logger)
        var buffer = RecordBuffer(topics: [catalogue])
        buffer.append(
            topic: 0, partition: 0, key: key.utf8Span.span.bytes, value: file?.span.bytes)
        try producer.send(buffer)
        try producer.flush(timeoutMilliseconds: Self.timeoutMilliseconds)
    }

    /// Writes a mark into each topic partition of `interactions`: from there on the model is in use, or none. All
    /// of them or none become visible. Answers how many.
    func mark(_ file: [UInt8]?) throws -> Int32 {
        let count = try topicPartitions(interactions)
        let name = "foreshadow-models-\(interactions)"
        let cluster = KafkaCluster(client, logger: logger)
        // Of two who switch at once the first is fenced, so that all topic partitions end with the same model.
        let producer = try cluster.makeProducer(client: name, transactionalID: name)
        defer { producer.close() }
        var buffer = RecordBuffer(topics: [interactions])
        for number in 0..<count {
            buffer.append(
                topic: 0, partition: number, key: nil, value: file?.span.bytes,
                headers: [Header(Mark.headerName, Mark.model)])
        }
        try producer.initTransactions(timeoutMilliseconds: Self.timeoutMilliseconds)
        try producer.beginTransaction()
        var sent = 0
        while sent < buffer.count {
            sent = try producer.send(buffer, from: sent, timeoutMilliseconds: Self.timeoutMilliseconds)
        }
        try producer.commitTransaction(timeoutMilliseconds: Self.timeoutMilliseconds)
        return count
    }

    private func topicPartitions(_ topic: String) throws -> Int32 {
        let topics = try Admin(client, logger: logger).topics()
        guard let found = topics.first(where: { $0.name == topic }) else {
            throw CommandFailure.input("topic '\(topic)' does not exist: 'foreshadow topics apply' makes it")
        }
        return found.topicPartitions
    }
}
