import ArgumentParser
import Kafka

struct TopicsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topics",
        abstract: "Compare the project's topics with a cluster, and create what is missing.",
        discussion: """
            The topics are described in topics/*.yaml. Nothing is ever deleted or shrunk.

              foreshadow topics plan  --brokers localhost:9092   show the difference
              foreshadow topics apply --brokers localhost:9092   create topics, change settings
              foreshadow topics check --brokers localhost:9092   exit with 4 if there is a difference
            """,
        subcommands: [Plan.self, Apply.self, Check.self])

    struct Options: ParsableArguments {
        @OptionGroup var cluster: ClusterOptions
        @Option(name: .customLong("topics"), help: "The folder of topic descriptions (default: topics/).")
        var folder: String?
        @Option(help: "Replicas of each new topic, whatever its description says: 1 for a one-node cluster.")
        var replication: Int32?

        /// The descriptions, with what the options change.
        func files() throws -> [TopicFile] {
            try TopicFile.readAll(in: folder).map { file in
                var file = file
                if let replication {
                    file.replication = replication
                    // Fewer replicas than must be in sync would make the topic unwritable.
                    if let minimum = file.config?["min.insync.replicas"].flatMap(Int32.init) {
                        file.config?["min.insync.replicas"] = String(min(minimum, replication))
                    }
                }
                return file
            }
        }
    }

    struct Plan: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what apply would do.")
        @OptionGroup var options: Options

        func run() async throws {
            let (_, plan) = try await compare(options)
            show(plan)
        }
    }

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create missing topics and change settings that differ.")
        @OptionGroup var options: Options

        func run() async throws {
            let client = try await options.cluster.client()
            let (_, plan) = try await compare(options)
            show(plan)
            try await DedicatedThread.run(named: "topics") {
                let admin = try Admin(client, logger: CommandLog.logger("topics"))
                for step in plan.steps { try step.apply(admin) }
            }
            if plan.hasConflicts { throw CommandFailure.result("what is marked ! was left as it is") }
            Output.note(plan.isEmpty ? "nothing to do" : "done: \(plan.steps.count) changes")
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Exit with 0 if the cluster is as described, else with 4.")
        @OptionGroup var options: Options

        func run() async throws {
            let (_, plan) = try await compare(options)
            show(plan)
            if !plan.isEmpty { throw CommandFailure.result("\(plan.steps.count) differences") }
        }
    }
}

private func compare(_ options: TopicsCommand.Options) async throws -> ([TopicFile], TopicPlan) {
    let files = try options.files()
    let client = try await options.cluster.client()
    return try await DedicatedThread.run(named: "topics") {
        let admin = try Admin(client, logger: CommandLog.logger("topics"))
        let topics = try admin.topics()
        var settings: [String: [String: TopicSetting]] = [:]
        for file in files where topics.contains(where: { $0.name == file.name }) {
            settings[file.name] = try admin.settings(ofTopic: file.name)
        }
        return (files, TopicPlan(files: files, topics: topics, settings: settings))
    }
}

private func show(_ plan: TopicPlan) {
    for line in plan.lines { Output.line(line) }
    if plan.isEmpty { Output.line("the cluster is as described") }
}

extension TopicPlan.Step {
    /// Carries the step out.
    func apply(_ admin: Admin) throws {
        switch self {
        case .create(let file):
            do throws(KafkaError) {
                try admin.createTopic(
                    file.name, topicPartitions: file.topicPartitions, replicas: file.replication,
                    settings: file.settings)
            } catch  where error.isTopicExists {
                // Somebody was faster; what differs then shows in the next plan.
            }
        case .alter(let topic, let setting, _, let value):
            try admin.alterSettings(ofTopic: topic, [setting: value])
        case .conflict: break
        }
    }
}
