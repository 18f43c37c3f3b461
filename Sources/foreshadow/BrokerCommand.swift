import ArgumentParser
import EmbeddedKafka

struct BrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "Run the embedded Kafka alone, with the project's topics, for trying things out.",
        discussion: """
            Prints its address on standard output and runs until its standard input ends or it is interrupted. \
            One node, no replication, records in memory only: for production use Apache Kafka.

              foreshadow broker --port 9092
              foreshadow broker --topic events:4 --topic results:1

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

    func run() async throws {
        var limits = BrokerLimits()
        limits.faultTopic = faults
        let cluster = try EmbeddedKafka(port: port, limits: limits, logger: CommandLog.logger("broker"))
        for topic in try topics() {
            try cluster.createTopic(
                topic.name, topicPartitions: topic.topicPartitions, settings: topic.settings)
        }
        Output.line(cluster.brokers)
        while readLine() != nil {}
        withExtendedLifetime(cluster) {}
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
