import Alerting
import ArgumentParser
import Configuration
import Contracts
import Foundation
import Kafka
import Pipeline
import Streams
import Testing
import Trends

@testable import foreshadow

@Suite struct SettingsTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test func `the example configuration holds the defaults`() async throws {
        let settings = try await Settings.load(
            file: Self.root.appending(path: "foreshadow.example.yaml").path)
        #expect(settings.client.brokers == "localhost:9092")
        #expect(settings.partitions.count == 8)
        #expect(settings.pipeline == PipelineConfiguration())
        let defaults = StreamConfiguration(client: settings.client, instance: "")
        #expect(settings.streams.commitIntervalMilliseconds == defaults.commitIntervalMilliseconds)
        #expect(settings.streams.commitBytes == defaults.commitBytes)
        #expect(settings.streams.batchRecords == defaults.batchRecords)
        #expect(settings.streams.idleTimeoutMilliseconds == defaults.idleTimeoutMilliseconds)
        #expect(settings.streams.guarantee == defaults.guarantee)
    }

    @Test(arguments: [
        ("planer: {holdWindows: 3}", "planer.holdWindows"), ("windowMillis: soon", "windowMillis"),
        ("streams: {commitIntervalMilliseconds: [1]}", "streams.commitIntervalMilliseconds"),
    ])
    func `a key that is misspelt or malformed is named`(yaml: String, key: String) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).yaml")
        try Data(yaml.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let failure = await #expect(throws: CommandFailure.self) { try await Settings.load(file: file.path) }
        #expect(failure?.description.contains("'\(key)'") == true)
    }

    @Test func `a missing file is named`() async throws {
        await #expect(throws: CommandFailure.self) { try await Settings.load(file: "/no/such/file.yaml") }
    }

    @Test func `a value that cannot work is refused`() throws {
        let reader = ConfigReader(
            provider: InMemoryProvider(values: ["streams.guarantee": "at-most-once"]))
        #expect(throws: CommandFailure.self) { try Settings(reader) }
    }

    @Test func `a dry run is asked for in the configuration, and a pipeline beside the live one needs none`()
        throws
    {
        let reader = ConfigReader(
            provider: InMemoryProvider(values: ["planner.dryRun": true, "planner.maximumWaitingOrders": 7]))
        var settings = try Settings(reader)
        #expect(settings.topics.name(TopicName.partitionCommands) == TopicName.dryRunCommands)
        #expect(settings.pipeline.planner.maximumWaitingOrders == 7)
        settings.rebuild(as: "rebuild-7", leads: false)
        #expect(settings.topics.name(TopicName.partitionCommands) == "rebuild-7.partition-commands")
    }

    @Test func `limits of alerts are read, those of the budget as lists`() throws {
        var values: [AbsoluteConfigKey: ConfigValue] = [
            "alerts.rampWindows": 9, "alerts.anomaly.hold.fireWindows": 5, "planner.forecastsMax": 7,
            "alerts.budget.slow.longMillis": .init(.intArray([7_200_000, 86_400_000]), isSecret: false),
            "alerts.budget.slow.shortMillis": .init(.intArray([600_000, 3_600_000]), isSecret: false),
            "alerts.budget.slow.rateMilli": .init(.intArray([2_000, 1_000]), isSecret: false),
        ]
        let settings = try Settings(ConfigReader(provider: InMemoryProvider(values: values)))
        let alerts = settings.pipeline.alerts
        #expect(alerts.rampWindows == 9)
        #expect(alerts.anomaly.hold == AlertHold(fireWindows: 5, resolveWindows: 3))
        #expect(settings.pipeline.planner.forecastsMax == 7)
        #expect(
            alerts.budget.slow == [
                BurnLimit(longMillis: 7_200_000, shortMillis: 600_000, rateMilli: 2_000),
                BurnLimit(longMillis: 86_400_000, shortMillis: 3_600_000, rateMilli: 1_000),
            ])
        #expect(alerts.budget.fast == AlertConfiguration().budget.fast)
        // A rate is missing.
        values["alerts.budget.slow.rateMilli"] = .init(.intArray([2_000]), isSecret: false)
        #expect(throws: CommandFailure.self) {
            try Settings(ConfigReader(provider: InMemoryProvider(values: values)))
        }
    }

    @Test(arguments: ["planner.dwellWindows", "planner.populateWindows"])
    func `what may take as long as counts as stuck is refused`(key: String) throws {
        let reader = ConfigReader(
            provider: InMemoryProvider(values: [AbsoluteConfigKey(stringLiteral: key): 24]))
        #expect(throws: CommandFailure.self) { try Settings(reader) }
    }

    @Test func `librdkafka's settings are passed on`() throws {
        let reader = ConfigReader(
            provider: InMemoryProvider(values: [
                "kafka.settings": .init(
                    .stringArray(["security.protocol=SASL_SSL", "sasl.password=a=b"]), isSecret: true)
            ]))
        let settings = try Settings(reader)
        #expect(settings.client.settings["security.protocol"] == "SASL_SSL")
        #expect(settings.client.settings["sasl.password"] == "a=b")
    }

    @Test(arguments: [
        ("kafka: {settings: [\"no.such.thing=1\"]}", "kafka.settings", "no.such.thing"),
        ("kafka: {settings: [\"security.protocol=carrier-pigeon\"]}", "kafka.settings", "security.protocol"),
        ("streams: {consumerSettings: [\"fetch.no=1\"]}", "streams.consumerSettings", "fetch.no"),
        ("streams: {producerSettings: [\"linger.ms=soon\"]}", "streams.producerSettings", "linger.ms"),
    ])
    func `a setting that librdkafka does not take is named, and where it stands`(
        yaml: String, key: String, setting: String
    ) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).yaml")
        try Data(yaml.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let failure = await #expect(throws: CommandFailure.self) { try await Settings.load(file: file.path) }
        #expect(failure?.exitCode == ExitCode(2))
        #expect(failure?.description.contains("\(key): setting '\(setting)'") == true)
        #expect(failure?.description.contains(ClientConfiguration.libraryVersion) == true)
    }

    @Test(arguments: [
        ["serve"], ["run"], ["publish", "-"], ["watch", "interactions"], ["topics", "plan"],
        ["models", "list"],
        ["shadows", "list"],
    ])
    func `every command refuses an option that librdkafka does not take`(command: [String]) async throws {
        let arguments = command + ["--brokers", "127.0.0.1:1", "-X", "no.such.thing=1"]
        guard var parsed = try Foreshadow.parseAsRoot(arguments) as? any AsyncParsableCommand else {
            throw CommandFailure.input("no command: \(arguments)")
        }
        let failure = await #expect(throws: CommandFailure.self) { try await parsed.run() }
        #expect(failure?.exitCode == ExitCode(2))
        #expect(failure?.description.contains("-X: setting 'no.such.thing'") == true)
    }

    @Test func `a process that was started to ignore SIGHUP goes on ignoring it`() {
        #expect(StopSignals.ignoresHangUp("Name:\tx\nSigIgn:\t0000000000001001\n"))
        #expect(!StopSignals.ignoresHangUp("Name:\tx\nSigIgn:\t0000000000001000\n"))
        #expect(!StopSignals.ignoresHangUp(""))
        #expect(StopSignals.all.count >= 2)
    }

    @Test func `no partitions, no pipeline`() throws {
        let settings = try Settings(ConfigReader(provider: InMemoryProvider(values: [:])))
        #expect(throws: CommandFailure.self) { try settings.partitionMap() }
    }
}
