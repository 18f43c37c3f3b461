import Contracts
import Kafka

/// The topics that a replay into a name of its own needs.
enum ReplayTopics {
    private static let made = [
        TopicName.affinityVectors, TopicName.partitionTrends, TopicName.partitionCommands,
        TopicName.deadLetters, TopicName.updaterSnapshots, TopicName.trendsSnapshots,
        TopicName.plannerSnapshots, TopicName.alerts, TopicName.partitionForecasts, TopicName.modelQuality,
    ]
    private static let inputs = [TopicName.interactions, TopicName.partitionTelemetry]

    /// Describes those that `cluster` lacks: as the files say, with as many topic partitions and replicas as the
    /// live topics have. `hasInputs`: the inputs are separate, too.
    static func missing(
        _ name: String, files: [TopicFile], cluster: [TopicDescription], hasInputs: Bool
    ) throws -> [TopicFile] {
        var missing: [TopicFile] = []
        for topic in made + (hasInputs ? inputs : []) {
            guard let file = files.first(where: { $0.name == topic }) else {
                throw CommandFailure.input("the topics folder does not describe '\(topic)'")
            }
            if cluster.contains(where: { $0.name == "\(name).\(topic)" }) { continue }
            missing.append(
                copy(of: file, named: "\(name).\(topic)", live: cluster.first { $0.name == topic }))
        }
        return missing
    }

    private static func copy(of file: TopicFile, named name: String, live: TopicDescription?) -> TopicFile {
        let replicas = live?.replicas ?? file.replication
        var settings = file.settings
        if let minimum = settings["min.insync.replicas"].flatMap({ Int32($0) }) {
            // Fewer replicas than must be in sync would make the topic unwritable.
            settings["min.insync.replicas"] = String(min(minimum, replicas))
        }
        return TopicFile(
            name: name, topicPartitions: live?.topicPartitions ?? file.topicPartitions, replication: replicas,
            config: settings)
    }

    /// Creates what is missing, and tells.
    static func create(_ files: [TopicFile], _ admin: Admin) throws {
        for file in files {
            try TopicPlan.Step.create(file).apply(admin)
            Output.note("created \(file.name) with \(file.topicPartitions) topic partitions")
        }
    }

    /// Whether `name` can precede topics and groups.
    static func isName(_ name: String) -> Bool {
        (1...100).contains(name.utf8.count) && name != "." && name != ".."
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
    }
}
