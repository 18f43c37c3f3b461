import ArgumentParser
import Contracts
import Foundation
import Kafka

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Show the records of a topic as they come.",
        discussion: """
            One line a record: topic partition, offset, key, value. With --json one object a line, for other \
            programs: {"topicPartition","offset","timestamp","key","value","headers"}.

              foreshadow watch partition-commands --from beginning
              foreshadow watch affinity-vectors --from beginning --exit --json | jq .value.home
            """)

    enum Start: String, ExpressibleByArgument, CaseIterable { case beginning, end }

    @OptionGroup var cluster: ClusterOptions
    @Argument(help: "The topic.") var topic: String
    @Option(help: "Where to start.") var from = Start.end
    @Flag(help: "Exit when all topic partitions have been read to their end.") var exit = false
    @Option(name: .customLong("max"), help: "Exit after this many records.") var maximum: Int?
    @Flag(help: "One JSON object a record.") var json = false

    func run() async throws {
        let client = try await cluster.client()
        let (topic, from, leave, maximum, json) = (topic, from, exit, maximum, json)
        try await DedicatedThread.run(named: "watch") {
            let reader = try TopicReader(
                client, topic: topic, from: from == .beginning ? .beginning : .end,
                logger: CommandLog.logger("watch"))
            var count = 0
            while maximum.map({ count < $0 }) ?? true {
                let isOpen = try reader.poll { record in
                    if let maximum, count >= maximum { return }
                    count += 1
                    Output.line(json ? record.json : record.line)
                }
                if leave && !isOpen { break }
            }
        }
    }
}
