import Affinity
import Configuration
import Contracts
import Foundation
import Kafka
import Orchestrator
import Pipeline
import Streams
import SystemPackage
import Trends

/// Everything that can be configured, from a YAML file and the environment.
///
/// The environment wins: `streams.commitIntervalMilliseconds` in the file is
/// `FORESHADOW_STREAMS_COMMIT_INTERVAL_MILLISECONDS` in the environment. `foreshadow.example.yaml` holds every
/// key with its default.
struct Settings {
    var client = ClientConfiguration(brokers: "")
    var partitions: [String] = []
    var pipeline = PipelineConfiguration()
    var topics = PipelineTopics()
    var streams = StreamConfiguration(client: ClientConfiguration(brokers: ""), instance: "")
    var serve = OrchestratorConfiguration()
    /// The file of round-trip times that proximity counts by.
    var roundTripsFile: String?
    /// Where the experiment that the orchestration service starts is defined.
    var experimentFile: String?

    /// Reads the environment and, if named, a file.
    static func load(file: String?) async throws -> Settings {
        var providers: [any ConfigProvider] = [EnvironmentVariablesProvider().prefixKeys(with: "foreshadow")]
        if let file {
            do {
                providers.append(try await FileProvider<YAMLSnapshot>(filePath: FilePath(file)))
            } catch {
                throw CommandFailure.input("cannot use the configuration file '\(file)': \(error)")
            }
        }
        let audit = ConfigurationAudit()
        let settings = try Settings(ConfigReader(providers: providers, accessReporter: audit))
        try audit.checkValues()
        if let file { try audit.checkKeys(ofFile: file) }
        try settings.checkClients("kafka.settings")
        return settings
    }

    /// The defaults.
    init() {}

    init(_ reader: ConfigReader) throws {
        client = ClientConfiguration(brokers: reader.string(forKey: "brokers", default: ""))
        for pair in reader.stringArray(forKey: "kafka.settings", isSecret: true, default: []) {
            client.settings.merge(try Self.pair(pair)) { _, new in new }
        }
        partitions = reader.stringArray(forKey: "partitions", default: [])
        streams = try Self.streams(reader.scoped(to: "streams"))
        let names = reader.scoped(to: "topics")
        topics.inputPrefix = names.string(forKey: "inputPrefix", default: topics.inputPrefix)
        topics.outputPrefix = names.string(forKey: "outputPrefix", default: topics.outputPrefix)
        topics.leads = names.bool(forKey: "leads", default: topics.leads)
        topics.isDryRun = reader.bool(forKey: "planner.dryRun", default: topics.isDryRun)
        pipeline.read(reader)
        try readServe(reader)
        do {
            try pipeline.validate()
            serve.alerts = pipeline.alerts
            serve.eventTime = pipeline.limits.eventTime
            try serve.validate()
        } catch {
            throw CommandFailure.input("configuration: \(error)")
        }
    }

    private static func streams(_ reader: ConfigReader) throws -> StreamConfiguration {
        // A process that comes back under another name cannot fence what it left behind, so the name should
        // be set where processes have stable ones; the group's generation fences in any case.
        let instance = reader.string(forKey: "instance", default: UUID().uuidString.lowercased())
        var streams = StreamConfiguration(client: ClientConfiguration(brokers: ""), instance: instance)
        let guarantee = reader.string(forKey: "guarantee", default: streams.guarantee.rawValue)
        guard let known = StreamConfiguration.Guarantee(rawValue: guarantee) else {
            let names = StreamConfiguration.Guarantee.allCases.map(\.rawValue).joined(separator: " or ")
            throw CommandFailure.input("streams.guarantee is '\(guarantee)'; it can be \(names)")
        }
        streams.guarantee = known
        let policy = reader.string(forKey: "onLogChange", default: streams.onLogChange.rawValue)
        guard let knownPolicy = StreamConfiguration.LogChangePolicy(rawValue: policy) else {
            let names = StreamConfiguration.LogChangePolicy.allCases.map(\.rawValue).joined(separator: " or ")
            throw CommandFailure.input("streams.onLogChange is '\(policy)'; it can be \(names)")
        }
        streams.onLogChange = knownPolicy
        // At least once, outputs are visible before they are committed, and a commit waits for all of them.
        if known == .atLeastOnce { streams.commitIntervalMilliseconds = 1_000 }
        readNumber(reader, "commitIntervalMilliseconds", &streams.commitIntervalMilliseconds)
        readNumber(reader, "commitBytes", &streams.commitBytes)
        readNumber(reader, "batchRecords", &streams.batchRecords)
        readNumber(reader, "retries", &streams.retries)
        readNumber(reader, "restartBackoffMilliseconds", &streams.restartBackoffMilliseconds)
        readNumber(reader, "requestTimeoutMilliseconds", &streams.requestTimeoutMilliseconds)
        readNumber(reader, "stopTimeoutMilliseconds", &streams.stopTimeoutMilliseconds)
        readNumber(reader, "sessionTimeoutMilliseconds", &streams.sessionTimeoutMilliseconds)
        readNumber(reader, "transactionTimeoutMilliseconds", &streams.transactionTimeoutMilliseconds)
        readNumber(reader, "replaceAfterMilliseconds", &streams.replaceAfterMilliseconds)
        readNumber(reader, "replacementsMax", &streams.replacementsMax)
        readNumber(reader, "liveTimeoutMilliseconds", &streams.liveTimeoutMilliseconds)
        readNumber(reader, "topicCheckMilliseconds", &streams.topicCheckMilliseconds)
        readNumber(reader, "snapshotIntervalMilliseconds", &streams.snapshotIntervalMilliseconds)
        readNumber(reader, "snapshotRecords", &streams.snapshotRecords)
        readNumber(reader, "snapshotEntries", &streams.snapshotEntries)
        readNumber(reader, "standbys", &streams.standbys)
        readNumber(reader, "standbyIntervalMilliseconds", &streams.standbyIntervalMilliseconds)
        let idle = reader.int(
            forKey: "idleTimeoutMilliseconds", default: streams.idleTimeoutMilliseconds ?? 0)
        streams.idleTimeoutMilliseconds = idle > 0 ? idle : nil
        streams.groupPrefix = reader.string(forKey: "groupPrefix", default: streams.groupPrefix)
        for pair in reader.stringArray(forKey: "consumerSettings", default: []) {
            streams.consumerSettings.merge(try Self.pair(pair)) { _, new in new }
        }
        for pair in reader.stringArray(forKey: "producerSettings", default: []) {
            streams.producerSettings.merge(try Self.pair(pair)) { _, new in new }
        }
        for (name, value) in [
            ("commitIntervalMilliseconds", streams.commitIntervalMilliseconds),
            ("commitBytes", streams.commitBytes), ("batchRecords", streams.batchRecords),
            ("requestTimeoutMilliseconds", streams.requestTimeoutMilliseconds),
            ("stopTimeoutMilliseconds", streams.stopTimeoutMilliseconds),
            ("sessionTimeoutMilliseconds", streams.sessionTimeoutMilliseconds),
            ("transactionTimeoutMilliseconds", streams.transactionTimeoutMilliseconds),
            ("replaceAfterMilliseconds", streams.replaceAfterMilliseconds),
            ("liveTimeoutMilliseconds", streams.liveTimeoutMilliseconds),
            ("topicCheckMilliseconds", streams.topicCheckMilliseconds),
            ("snapshotIntervalMilliseconds", streams.snapshotIntervalMilliseconds),
            ("snapshotRecords", streams.snapshotRecords), ("snapshotEntries", streams.snapshotEntries),
            ("standbyIntervalMilliseconds", streams.standbyIntervalMilliseconds),
        ] where value < 1 {
            throw CommandFailure.input("streams.\(name) is \(value); it must be at least 1")
        }
        if !(0...1).contains(streams.standbys) {
            throw CommandFailure.input("streams.standbys is \(streams.standbys); it can be 0 or 1")
        }
        return streams
    }

    /// `name=value`.
    static func pair(_ text: String) throws -> [String: String] {
        guard let cut = text.firstIndex(of: "="), cut > text.startIndex else {
            throw CommandFailure.input("'\(text)' is no setting: name=value is needed")
        }
        return [String(text[..<cut]): String(text[text.index(after: cut)...])]
    }

    /// Turns this into the settings of a pipeline beside the live one: the same inputs, outputs and groups of its
    /// own.
    mutating func rebuild(as name: String, leads: Bool) {
        topics.outputPrefix = name + "."
        topics.leads = leads
        // What it decides goes into topics of its own anyway.
        topics.isDryRun = false
        streams.groupPrefix = name + "-"
    }

    /// The stream configuration for the configured cluster.
    func streamConfiguration() -> StreamConfiguration {
        var streams = streams
        streams.client = client
        return streams
    }

    /// The configured partitions; there must be some.
    func partitionMap() throws -> PartitionMap {
        if partitions.isEmpty {
            throw CommandFailure.input(
                "no partitions: list them under 'partitions' in the configuration file")
        }
        return try PartitionMap(partitions)
    }
}

/// Reads an integer where there is one.
func readNumber<Number: FixedWidthInteger>(_ reader: ConfigReader, _ key: ConfigKey, _ value: inout Number) {
    if let found = reader.int(forKey: key), let number = Number(exactly: found) { value = number }
}

/// Reads a number where there is one.
func readNumber(_ reader: ConfigReader, _ key: ConfigKey, _ value: inout Double) {
    if let found = reader.double(forKey: key) { value = found }
}
