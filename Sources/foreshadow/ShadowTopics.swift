import Contracts
import Kafka
import Pipeline

/// The commands of the planner and the orders to it, on a cluster.
enum ShadowTopics {
    private static let timeoutMilliseconds: Int32 = 30_000

    /// The newest command of each shadow, by name.
    static func read(_ settings: Settings) async throws -> [ListedShadow] {
        let partitions = try settings.partitionMap()
        let topic = settings.topics.name(TopicName.partitionCommands)
        let client = try client(settings)
        return try await DedicatedThread.run(named: "shadows") {
            let reader = try TopicReader(
                client, topic: topic, from: .beginning, logger: CommandLog.logger("shadows"))
            var found: [String: ListedShadow] = [:]
            var isOpen = true
            while isOpen {
                isOpen = try reader.poll { record in
                    guard let value = record.value else { return }
                    let shadow = try listed(value, partitions, "\(topic), offset \(record.offset)")
                    found[shadow.name] = shadow
                }
            }
            return found.values.sorted { $0.name < $1.name }
        }
    }

    private static func listed(
        _ value: [UInt8], _ partitions: PartitionMap, _ place: String
    ) throws -> ListedShadow {
        do throws(Rejection) {
            let command = try ShadowCommand(decoding: value.span.bytes, partitions: partitions)
            return ListedShadow(
                command: command, name: command.shadow(partitions),
                json: String(decoding: value, as: UTF8.self))
        } catch {
            throw CommandFailure.input("\(place): \(error); is this the pipeline's configuration?")
        }
    }

    /// Gives an order. It is in the topic when this returns.
    static func send(_ order: ShadowOrder, _ settings: Settings) async throws {
        let partitions = try settings.partitionMap()
        var writer = JSONWriter()
        order.encode(names: PartitionNames(partitions), into: &writer)
        let value = writer.bytes
        do throws(Rejection) {
            _ = try ShadowOrder(decoding: value.span.bytes, partitions: partitions)
        } catch {
            throw CommandFailure.input("the order cannot be given: \(error)")
        }
        let (key, topic) = (order.shadow(partitions), settings.topics.name(TopicName.shadowOrders))
        let client = try client(settings)
        try await DedicatedThread.run(named: "shadows") {
            let logger = CommandLog.logger("shadows")
            guard try Admin(client, logger: logger).topics().contains(where: { $0.name == topic }) else {
                throw CommandFailure.input(
                    "topic '\(topic)' does not exist: 'foreshadow topics apply' makes it")
            }
            let producer = try Producer(client, logger: logger)
            var buffer = RecordBuffer(topics: [topic])
            buffer.append(topic: 0, partition: 0, key: key.utf8Span.span.bytes, value: value.span.bytes)
            try producer.send(buffer)
            try producer.flush(timeoutMilliseconds: timeoutMilliseconds)
        }
    }

    private static func client(_ settings: Settings) throws -> ClientConfiguration {
        if settings.client.brokers.isEmpty {
            throw CommandFailure.input(
                "no brokers: give --brokers, FORESHADOW_BROKERS or a --config with them")
        }
        return settings.client
    }
}
