import Contracts
import EmbeddedKafka
import Kafka
import Logging
import Pipeline
import Streams
import Workload

/// A record to publish: what upstream sends, good or bad.
struct Sent: Sendable {
    var topic = TopicName.interactions
    var partition: Int32 = 0
    var key: [UInt8]?
    var value: [UInt8]?
    var headers: [Header] = []

    init(key: String?, value: String?, headers: [Header] = [], topic: String = TopicName.interactions) {
        self.key = key.map { Array($0.utf8) }
        self.value = value.map { Array($0.utf8) }
        self.headers = headers
        self.topic = topic
    }
}

/// A record that was read, copied.
struct Received: Sendable, Equatable {
    var key: String?
    var value: [UInt8]?
    var headers: [String: String]

    var text: String { value.map { String(decoding: $0, as: UTF8.self) } ?? "(none)" }
}

/// All stages on an embedded cluster of two topic partitions.
final class PipelineFixture: Sendable {
    let cluster: EmbeddedKafka
    let client: ClientConfiguration
    let logger: Logger
    let partitions: PartitionMap
    let configuration: PipelineConfiguration

    init(
        partitions: [String] = ["us-east", "us-west", "eu-west"],
        configuration: PipelineConfiguration = PipelineConfiguration()
    ) throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        self.logger = logger
        self.configuration = configuration
        cluster = try EmbeddedKafka(logger: logger)
        for topic in [
            TopicName.interactions, TopicName.customers, TopicName.affinityVectors,
            TopicName.updaterSnapshots,
            TopicName.trendsSnapshots,
        ] {
            try cluster.createTopic(topic, topicPartitions: 2)
        }
        for topic in [
            TopicName.partitionTrends, TopicName.partitionTelemetry, TopicName.partitionCommands,
            TopicName.deadLetters, TopicName.plannerSnapshots, TopicName.shadowOrders, TopicName.alerts,
            TopicName.partitionForecasts, TopicName.modelQuality,
        ] {
            try cluster.createTopic(topic, topicPartitions: 1)
        }
        client = ClientConfiguration(brokers: cluster.brokers)
        self.partitions = try PartitionMap(partitions)
    }

    /// Runs the updater, and with `planning` the other stages, until `body` is done. `tune` may change how.
    func run<Result: Sendable>(
        planning: Bool = false, tune: (inout StreamConfiguration) -> Void = { _ in },
        _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        var streams = StreamConfiguration(client: client, instance: "test")
        streams.idleTimeoutMilliseconds = nil
        streams.commitIntervalMilliseconds = 20
        streams.consumerSettings = ["fetch.wait.max.ms": "10"]
        tune(&streams)
        let updater = StageRunner(
            UpdaterProcessor.stage(configuration, partitions), configuration: streams, logger: logger)
        let trends = StageRunner(
            TrendsProcessor.stage(configuration, partitions), configuration: streams, logger: logger)
        let planner = StageRunner(
            PlannerProcessor.stage(configuration, partitions), configuration: streams, logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await updater.run() }
            if planning {
                group.addTask { try await trends.run() }
                group.addTask { try await planner.run() }
            }
            defer {
                updater.control.stop()
                trends.control.stop()
                planner.control.stop()
            }
            return try await body()
        }
    }

    func publish(_ records: [Sent]) async throws {
        let (client, logger) = (client, logger)
        try await DedicatedThread.run(named: "publish") {
            let producer = try Producer(client, logger: logger)
            for record in records {
                var buffer = RecordBuffer(topics: [record.topic])
                buffer.append(
                    topic: 0, partition: record.partition, key: record.key?.span.bytes,
                    value: record.value?.span.bytes, headers: record.headers)
                try producer.send(buffer)
            }
            try producer.flush()
        }
    }

    /// Reads a topic partition from its beginning until `isEnough` or 30 s passed.
    func read(
        _ topic: String, partition: Int32 = 0, until isEnough: @Sendable @escaping ([Received]) -> Bool
    ) async throws -> [Received] {
        let (client, logger) = (client, logger)
        return try await DedicatedThread.run(named: "read") {
            let consumer = try Consumer(
                client.setting(["group.id": "reader", "fetch.wait.max.ms": "10"]), logger: logger)
            try consumer.assign([TopicPartition(topic, partition): 0])
            var result: [Received] = []
            let end = ContinuousClock.now + .seconds(30)
            while !isEnough(result), ContinuousClock.now < end {
                let batch = consumer.poll(maximum: 500, timeoutMilliseconds: 50)
                for i in 0..<batch.count where batch.event(at: i) == nil {
                    result.append(Self.copy(batch.record(at: i)))
                }
            }
            return result
        }
    }

    private static func copy(_ record: borrowing Record) -> Received {
        let headers = record.headers().map { ($0.name, String(decoding: $0.value ?? [], as: UTF8.self)) }
        return Received(
            key: bytes(record.key).map { String(decoding: $0, as: UTF8.self) }, value: bytes(record.value),
            headers: Dictionary(headers) { _, last in last })
    }

    private static func bytes(_ span: RawSpan?) -> [UInt8]? {
        guard let span else { return nil }
        return span.withUnsafeBytes { Array($0) }
    }
}

/// A good interaction.
func interaction(
    _ id: String, customer: String = "ada", time: String = "1767571200000", region: String = "us-east"
) -> Sent {
    Sent(
        key: customer,
        value:
            #"{"id":"\#(id)","customer":"\#(customer)","time":\#(time),"kind":"purchase","region":"\#(region)"}"#
    )
}
