import Contracts
import Kafka
import Pipeline
import Streams

/// A pipeline that begins to lead goes on copying profiles where the one before it stopped: copied once more, an
/// old tombstone would forget a customer who has come back since.
enum ReplayLead {
    /// Sets where the new pipeline's updater starts to read `customers`, unless it has read them before.
    static func takeOver(from old: Settings, to new: Settings) async throws {
        try await DedicatedThread.run(named: "lead") {
            let admin = try Admin(new.client, logger: CommandLog.logger("foreshadow"))
            let topic = new.topics.name(TopicName.customers)
            let count = try admin.topics().first { $0.name == topic }?.topicPartitions ?? 0
            let places = (0..<count).map { TopicPartition(topic, $0) }
            let group = new.streams.groupPrefix + "updater"
            if try !admin.committedOffsets(ofGroup: group, places).isEmpty { return }
            let offsets = try admin.committedOffsets(
                ofGroup: old.streams.groupPrefix + "updater", places)
            let cluster = KafkaCluster(new.client, logger: CommandLog.logger("foreshadow"))
            let consumer = try cluster.makeConsumer(group: group, client: "\(group)-lead")
            defer { consumer.close() }
            try consumer.commit(offsets)
        }
    }
}
