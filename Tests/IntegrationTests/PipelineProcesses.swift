import Contracts
import EmbeddedKafka
import Foundation
import Kafka
import Logging
import Pipeline
import Streams
import Workload

/// `foreshadow run` in processes of its own, on topics of its own: of the cluster that FORESHADOW_TEST_BROKERS
/// names, or of an embedded one.
final class PipelineProcesses: Sendable {
    /// The brokers of a real cluster, if one was named.
    static let realBrokers = ProcessInfo.processInfo.environment["FORESHADOW_TEST_BROKERS"]

    static let regions = ["us-east", "us-west", "eu-west", "ap-south"]
    static let topicPartitions: Int32 = 2

    let embedded: EmbeddedKafka?
    let client: ClientConfiguration
    let prefix: String
    let logger: Logger
    let partitions: PartitionMap
    private let folder: URL

    /// On the brokers of a cluster that is there, or on an embedded one.
    init(brokers: String? = realBrokers) throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        self.logger = logger
        prefix = "it-\(UUID().uuidString.prefix(8).lowercased())-"
        partitions = try PartitionMap(Self.regions)
        folder = FileManager.default.temporaryDirectory.appending(path: prefix)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        if let brokers {
            embedded = nil
            client = ClientConfiguration(brokers: brokers)
            let admin = try Admin(client, logger: logger)
            for (name, count) in Self.topics {
                try admin.createTopic(prefix + name, topicPartitions: count, replicas: 1)
            }
        } else {
            let cluster = try EmbeddedKafka(logger: logger)
            for (name, count) in Self.topics {
                try cluster.createTopic(prefix + name, topicPartitions: count)
            }
            embedded = cluster
            client = ClientConfiguration(brokers: cluster.brokers)
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private static var topics: [(String, Int32)] {
        let wide = [
            TopicName.interactions, TopicName.customers, TopicName.affinityVectors,
            TopicName.updaterSnapshots,
            TopicName.trendsSnapshots,
        ]
        return TopicName.all.map { ($0, wide.contains($0) ? topicPartitions : 1) }
    }

    /// A folder with another librdkafka than the system's, if FORESHADOW_TEST_LIBRDKAFKA names one.
    static let otherLibrary = ProcessInfo.processInfo.environment["FORESHADOW_TEST_LIBRDKAFKA"]

    /// Starts a process under a name of its own. Snapshots are taken often, so that crashes meet them. `library` is
    /// the folder of a librdkafka, if it is not to be the system's; `more` is further lines of `streams`.
    func start(
        _ instance: String, guarantee: StreamConfiguration.Guarantee = .exactlyOnce,
        sessionMilliseconds: Int? = nil, library: String? = nil, more: String = "", log: URL? = nil,
        statusFile: URL? = nil
    ) throws -> Process {
        // Apache Kafka allows no session under six seconds; how long one waits for the dead.
        let session = sessionMilliseconds ?? (embedded == nil ? 6_000 : 1_500)
        let configuration = """
            brokers: "\(client.brokers)"
            partitions: [\(Self.regions.joined(separator: ", "))]
            topics: {inputPrefix: "\(prefix)", outputPrefix: "\(prefix)"}
            streams:
              guarantee: \(guarantee.rawValue)
              instance: \(instance)
              groupPrefix: "\(prefix)"
              commitIntervalMilliseconds: 30
              idleTimeoutMilliseconds: 0
              snapshotRecords: 200
              batchRecords: 50
              restartBackoffMilliseconds: 500
              sessionTimeoutMilliseconds: \(session)
              consumerSettings: ["fetch.wait.max.ms=10", "heartbeat.interval.ms=300"]
            \(more)
            """
        let file = folder.appending(path: "\(instance).yaml")
        try Data(configuration.utf8).write(to: file)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: "foreshadow")
        process.arguments =
            ["run", "--config", file.path] + (statusFile.map { ["--status-file", $0.path] } ?? [])
        if let library {
            process.environment = ProcessInfo.processInfo.environment.merging(
                ["LD_LIBRARY_PATH": library]) { $1 }
        }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        if let log {
            _ = FileManager.default.createFile(atPath: log.path, contents: nil)
            process.standardError = try FileHandle(forWritingTo: log)
        }
        try process.run()
        return process
    }

    /// A file of this fixture's own.
    func file(_ name: String) -> URL { folder.appending(path: name) }

    /// Publishes records to a topic partition of their own choice.
    func publish(_ records: [StoredRecord]) async throws {
        let (client, logger, prefix) = (client, logger, prefix)
        try await DedicatedThread.run(named: "publish") {
            let producer = try Producer(client, logger: logger)
            for record in records {
                var buffer = RecordBuffer(topics: [prefix + record.place.topic])
                buffer.append(
                    topic: 0, partition: record.place.partition, key: record.key?.span.bytes,
                    value: record.value?.span.bytes, headers: record.headers)
                try producer.send(buffer)
            }
            try producer.flush()
        }
    }

    /// Reads the vectors again and again until `isEnough`, at most 90 seconds.
    @discardableResult
    func waitForVectors(until isEnough: ([[[UInt8]]]) throws -> Bool) async throws -> [[[UInt8]]] {
        let deadline = ContinuousClock.now + .seconds(90)
        while true {
            let vectors = try await read(TopicName.affinityVectors, partitions: 2)
                .map { $0.compactMap(\.value) }
            if try isEnough(vectors) || ContinuousClock.now > deadline { return vectors }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Whether as many vectors are there as are expected.
    static func all(_ vectors: [[[UInt8]]], _ expected: PureFold) -> Bool {
        zip(vectors, expected.vectors).allSatisfy { $0.count >= $1.count }
    }

    /// One of several parts of each log, about as long as the others.
    static func part(_ number: Int, of parts: Int, _ logs: [[StoredRecord]]) -> [StoredRecord] {
        var records: [StoredRecord] = []
        for log in logs {
            let (first, end) = (log.count * number / parts, log.count * (number + 1) / parts)
            records += log[first..<end]
        }
        return records
    }

    /// What can be read, committed, of a topic: the values by topic partition.
    func read(_ topic: String, partitions count: Int32) async throws -> [[StoredRecord]] {
        let (client, logger, name) = (client, logger, prefix + topic)
        return try await DedicatedThread.run(named: "read") {
            let consumer = try Consumer(
                client.setting(["group.id": "reader", "fetch.wait.max.ms": "10"]), logger: logger)
            var open = Set(0..<count)
            try consumer.assign(
                Dictionary(uniqueKeysWithValues: open.map { (TopicPartition(name, $0), Int64(0)) }))
            var result = [[StoredRecord]](repeating: [], count: Int(count))
            let end = ContinuousClock.now + .seconds(30)
            while !open.isEmpty, ContinuousClock.now < end {
                let batch = consumer.poll(maximum: 1_000, timeoutMilliseconds: 50)
                for i in 0..<batch.count {
                    switch batch.event(at: i) {
                    case nil:
                        let record = StoredRecord(batch.record(at: i))
                        result[Int(record.place.partition)].append(record)
                    case .end(let place, _): open.remove(place.partition)
                    case .failure: break
                    }
                }
            }
            return result
        }
    }
}

extension Process {
    /// Ends the process without any chance to say good-bye.
    func crash() {
        kill(processIdentifier, SIGKILL)
        waitUntilExit()
    }
}
