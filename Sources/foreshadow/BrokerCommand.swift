import ArgumentParser
import Dispatch
import EmbeddedKafka
import Foundation
import Logging
import UnixSignals

struct BrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "Run the embedded Kafka alone, with the project's topics, for trying things out.",
        discussion: """
            Prints its address on standard output and runs until it is interrupted or, without --data, its standard \
            input ends. One node, no replication: for production use Apache Kafka.

              foreshadow broker --port 9092
              foreshadow broker --topic events:4 --topic results:1

            Records are in memory only, and gone when it ends. With --data they are on disk too, with all else that \
            a broker knows, and there again when it is started anew, also after a crash:

              foreshadow broker --port 9092 --data /var/lib/foreshadow

            With --faults, what is written to that topic goes wrong, for tests of clients; each record is a line:

              echo 'error 16 on Heartbeat times 3' | kcat -b localhost:9092 -P -t faults
              delay 500 on Fetch times all client app-
              drop on Produce
              lose-answer on EndTxn
              clear
            """)

    @Option(help: "The port to listen on; 0 takes a free one.")
    var port = 0
    @Option(name: .customLong("topics"), help: "The folder of topic descriptions (default: topics/).")
    var folder: String?
    @Option(help: "Create these topics instead, name:topic-partitions; may be repeated.")
    var topic: [String] = []

    @Option(help: "A topic whose records say what is to go wrong.") var faults: String?
    @Option(help: "A folder to keep everything in.") var data: String?
    @Option(help: "The most that all records may take up in memory, in MiB.")
    var memory = BrokerLimits().memoryBytes >> 20
    @Option(
        name: .customLong("flush-ms"),
        help:
            "With --data, the milliseconds that a loss of power may cost; 0: each request waits for the disk."
    )
    var flushMilliseconds = BrokerLimits().flushMilliseconds

    func run() async throws {
        var limits = BrokerLimits()
        limits.faultTopic = faults
        limits.memoryBytes = memory << 20
        limits.flushMilliseconds = flushMilliseconds
        let logger = CommandLog.logger("broker")
        let topics = try topics()
        if let data {
            logger.notice(
                "one node, no replication: use Apache Kafka for production. What it keeps is in \(data)")
        }
        let cluster = try EmbeddedKafka(
            port: port, data: data.map { URL(fileURLWithPath: $0) }, limits: limits, logger: logger)
        for topic in topics {
            try cluster.createTopic(
                topic.name, topicPartitions: topic.topicPartitions, settings: topic.settings)
        }
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let listener = Task {
            for await _ in signals { try? cluster.stop() }
        }
        defer { listener.cancel() }
        // Whoever starts a broker for a while holds its input; what has data is a service, whose input is empty.
        if data == nil { DispatchQueue.global().async { Self.waitForEndOfInput(thenStop: cluster) } }
        Output.line(cluster.brokers)
        try await cluster.untilStopped()
    }

    private static func waitForEndOfInput(thenStop cluster: EmbeddedKafka) {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        // Not by way of stdio, on which the end of the process would wait.
        while read(STDIN_FILENO, &buffer, buffer.count) > 0 {}
        try? cluster.stop()
    }

    private func topics() throws -> [TopicFile] {
        if topic.isEmpty { return try TopicFile.readAll(in: folder) }
        return try topic.map { text in
            let parts = text.split(separator: ":")
            guard parts.count == 2, let count = Int32(parts[1]), count > 0 else {
                throw CommandFailure.input("--topic \(text): name:topic-partitions is needed, as in events:4")
            }
            return TopicFile(name: String(parts[0]), topicPartitions: count, replication: 1, config: nil)
        }
    }
}
