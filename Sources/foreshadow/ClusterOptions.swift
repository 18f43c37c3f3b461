import ArgumentParser
import Kafka
import Logging
import Synchronization

/// How to reach a cluster: shared by all commands that do.
struct ClusterOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "The configuration file (YAML). Environment variables win over it.")
    var config: String?

    @Option(name: .shortAndLong, help: "The Kafka brokers to start from: host:port,host:port.")
    var brokers: String?

    @Option(
        name: [.customShort("X"), .long],
        help: "A librdkafka setting, name=value; may be repeated: -X security.protocol=SASL_SSL")
    var set: [String] = []

    @Flag(name: .shortAndLong, help: "Log more.")
    var verbose = false

    /// The configuration with what the options change.
    func settings() async throws -> Settings {
        if verbose { CommandLog.level = .debug }
        var settings = try await Settings.load(file: config)
        if let brokers { settings.client = settings.client.setting(["bootstrap.servers": brokers]) }
        for pair in set { settings.client.settings.merge(try Settings.pair(pair)) { _, new in new } }
        try settings.checkClients("-X")
        return settings
    }

    /// Just the client; there must be brokers.
    func client() async throws -> ClientConfiguration {
        let client = try await settings().client
        if client.brokers.isEmpty {
            throw CommandFailure.input(
                "no brokers: give --brokers, FORESHADOW_BROKERS or a --config with them")
        }
        return client
    }
}

/// The log of the command line, on standard error.
enum CommandLog {
    private static let current = Mutex(Logger.Level.notice)

    /// What is logged, from now on.
    static var level: Logger.Level {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }

    static func logger(_ label: String) -> Logger {
        var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        return logger
    }
}
