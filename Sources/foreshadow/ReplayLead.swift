import Contracts
import Kafka
import Pipeline
import Streams

/// A pipeline that begins to lead goes on copying profiles and orders where the one before it stopped: copied once
/// more, an old tombstone would forget a customer who has come back since, an old order be followed again.
enum ReplayLead {
    /// Sets where the new pipeline starts to read `customers` and `shadow-orders`, unless it has read them before.
    static func takeOver(from old: Settings, to new: Settings) async throws {
        try await DedicatedThread.run(named: "lead") {
            try takeOver(TopicName.customers, from: old, to: new) { _ in "updater" }
            try takeOver(TopicName.shadowOrders, from: old, to: new) { $0.topics.plannerStage }
        }
    }

    private static func takeOver(
        _ name: String, from old: Settings, to new: Settings, stage: (Settings) -> String
    ) throws {
        let admin = try Admin(new.client, logger: CommandLog.logger("foreshadow"))
        let topic = new.topics.name(name)
        let count = try admin.topics().first { $0.name == topic }?.topicPartitions ?? 0
        let places = (0..<count).map { TopicPartition(topic, $0) }
        let group = new.streams.groupPrefix + stage(new)
        if try !admin.committedOffsets(ofGroup: group, places).isEmpty { return }
        let offsets = try admin.committedOffsets(ofGroup: old.streams.groupPrefix + stage(old), places)
        let cluster = KafkaCluster(new.client, logger: CommandLog.logger("foreshadow"))
        let consumer = try cluster.makeConsumer(group: group, client: "\(group)-lead")
        defer { consumer.close() }
        try consumer.commit(offsets.mapValues { OffsetAndMetadata($0) })
    }
}
