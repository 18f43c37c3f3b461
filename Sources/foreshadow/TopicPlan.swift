import Kafka

/// What differs between the topic descriptions and a cluster, and what can be done about it.
struct TopicPlan: Equatable {
    /// One difference.
    enum Step: Equatable {
        /// The topic is missing; it will be created.
        case create(TopicFile)
        /// A setting differs; it will be changed.
        case alter(topic: String, setting: String, from: String?, to: String)
        /// The cluster differs in a way that is never changed from here.
        case conflict(topic: String, reason: String)
    }

    var steps: [Step]

    /// Compares. `settings` holds, per topic of the cluster, the settings it has.
    init(
        files: [TopicFile], topics: [TopicDescription], settings: [String: [String: TopicSetting]]
    ) {
        steps = []
        for file in files {
            guard let topic = topics.first(where: { $0.name == file.name }) else {
                steps.append(.create(file))
                continue
            }
            if topic.topicPartitions != file.topicPartitions {
                steps.append(.conflict(topic: file.name, reason: Self.partitionConflict(topic, file)))
            }
            let present = settings[file.name] ?? [:]
            for (setting, wanted) in file.settings.sorted(by: { $0.key < $1.key })
            where present[setting]?.value != wanted {
                steps.append(
                    .alter(topic: file.name, setting: setting, from: present[setting]?.value, to: wanted))
            }
        }
    }

    /// What is lost as long as a setting is not as described, where that is not plain.
    private static func loss(_ setting: String, _ wanted: String) -> String {
        guard setting == "message.timestamp.type", wanted == "LogAppendTime" else { return "" }
        return "\n    until then event time is held against its sender's own clock: one clock that is ahead "
            + "closes windows for everybody, without a dead letter"
    }

    private static func partitionConflict(_ topic: TopicDescription, _ file: TopicFile) -> String {
        "has \(topic.topicPartitions) topic partitions, described are \(file.topicPartitions); the number "
            + "decides which worker holds a customer's state, so it is never changed here"
    }

    /// Whether the cluster is as described.
    var isEmpty: Bool { steps.isEmpty }

    /// Whether something differs that `apply` will not change.
    var hasConflicts: Bool {
        steps.contains { if case .conflict = $0 { true } else { false } }
    }

    /// The plan for people: `+` is created, `~` is changed, `!` needs a decision.
    var lines: [String] {
        steps.map { step in
            switch step {
            case .create(let file):
                "+ \(file.name)  \(file.topicPartitions) topic partitions, \(file.replication) replicas"
                    + file.settings.sorted { $0.key < $1.key }.map { "\n    \($0.key) = \($0.value)" }
                    .joined()
            case .alter(let topic, let setting, let from, let to):
                "~ \(topic)  \(setting): \(from ?? "(unset)") -> \(to)" + Self.loss(setting, to)
            case .conflict(let topic, let reason):
                "! \(topic)  \(reason)"
            }
        }
    }
}
