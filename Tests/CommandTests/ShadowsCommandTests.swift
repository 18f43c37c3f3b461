import ArgumentParser
import Contracts
import EmbeddedKafka
import Foundation
import Kafka
import Logging
import Pipeline
import Testing

@testable import foreshadow

/// `foreshadow shadows` on an embedded cluster.
@Suite struct ShadowsCommandTests {
    private let cluster: EmbeddedKafka
    private let config: URL

    init() throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        cluster = try EmbeddedKafka(logger: logger)
        for topic in [TopicName.partitionCommands, TopicName.dryRunCommands, TopicName.shadowOrders] {
            try cluster.createTopic(topic, topicPartitions: 1)
        }
        config = FileManager.default.temporaryDirectory.appending(path: "shadows-\(UUID().uuidString).yaml")
        try Data("brokers: \"\(cluster.brokers)\"\npartitions: [us-east, eu-west]\n".utf8).write(to: config)
    }

    private func run(_ arguments: String...) async throws {
        let all = ["shadows"] + arguments + ["--config", config.path]
        guard var command = try Foreshadow.parseAsRoot(all) as? any AsyncParsableCommand else {
            throw CommandFailure.input("no command: \(all)")
        }
        try await command.run()
    }

    private func put(_ command: ShadowCommand, to topic: String = TopicName.partitionCommands) async throws {
        let map = try PartitionMap(["us-east", "eu-west"])
        var writer = JSONWriter()
        command.encode(names: PartitionNames(map), into: &writer)
        let (value, key) = (writer.bytes, command.shadow(map))
        let client = try await Settings.load(file: config.path).client
        try await DedicatedThread.run(named: "put") {
            let producer = try Producer(client, logger: Logger(label: "test"))
            var buffer = RecordBuffer(topics: [topic])
            buffer.append(topic: 0, partition: 0, key: key.utf8Span.span.bytes, value: value.span.bytes)
            try producer.send(buffer)
            try producer.flush(timeoutMilliseconds: 10_000)
        }
    }

    private func orders() async throws -> [ShadowOrder] {
        let client = try await Settings.load(file: config.path).client
        let map = try PartitionMap(["us-east", "eu-west"])
        return try await DedicatedThread.run(named: "read") {
            let reader = try TopicReader(
                client, topic: TopicName.shadowOrders, from: .beginning, logger: Logger(label: "test"))
            var orders: [ShadowOrder] = []
            var isOpen = true
            while isOpen {
                isOpen = try reader.poll { record in
                    #expect(record.key == Array("us-east>eu-west".utf8))
                    let value = record.value ?? []
                    orders.append(try ShadowOrder(decoding: value.span.bytes, partitions: map))
                }
            }
            return orders
        }
    }

    private func command(_ epoch: UInt64, readShare: Int64, paused: Bool = false) -> ShadowCommand {
        ShadowCommand(
            type: .readRoutingShift, source: 0, target: 1, epoch: epoch, phase: .ramping,
            readShareMilli: readShare, dualWrite: true, isPaused: paused,
            order: paused ? OrderNote(id: "7", by: "ada", reason: "maintenance") : nil, cohortSize: 71,
            cohortShareMilli: 172,
            evidence: [Evidence(figure: "errorRate", valueMilli: 2, thresholdMilli: 10)],
            windowStart: 1_767_603_600_000, windowEnd: 1_767_607_200_000)
    }

    @Test func `the newest command of a shadow is what is listed`() async throws {
        try await put(command(3, readShare: 50))
        try await put(command(4, readShare: 250, paused: true))
        let shadows = try await ShadowTopics.read(try await Settings.load(file: config.path))
        #expect(
            shadows.map(\.line) == [
                "us-east>eu-west  ramping, reads 25 %, writes to both, paused  cohort 71 (17.2 %)  epoch 4  "
                    + "since 2026-01-05T10:00:00Z"
            ])
        #expect(
            shadows.first?.text.split(separator: "\n").dropFirst() == [
                "read-routing-shift because of", "  errorRate 0.002, threshold 0.01",
                "  order 7 by ada: maintenance",
            ])
        try await run("list")
        try await run("show", "us-east", "eu-west", "--json")
    }

    @Test func `in a dry run it is the dry run's shadows that are listed`() async throws {
        try await put(command(1, readShare: 50), to: TopicName.dryRunCommands)
        var settings = try await Settings.load(file: config.path)
        #expect(try await ShadowTopics.read(settings).isEmpty)
        settings.topics.isDryRun = true
        #expect(try await ShadowTopics.read(settings).count == 1)
    }

    @Test(arguments: OrderKind.allCases)
    func `an order is in the topic, with who gave it and why`(kind: OrderKind) async throws {
        try await put(command(3, readShare: 50))
        try await run(kind.rawValue, "us-east", "eu-west", "--by", "ada", "--reason", "too slow")
        let orders = try await orders()
        #expect(orders.map(\.kind) == [kind])
        #expect(orders.first?.note.by == "ada")
        #expect(orders.first?.note.reason == "too slow")
    }

    @Test func `an order about a shadow that is not there is not given`() async throws {
        try await put(command(3, readShare: 50))
        let failure = await #expect(throws: CommandFailure.self) {
            try await run("pause", "eu-west", "us-east", "--reason", "x")
        }
        #expect(failure?.description == "no shadow eu-west>us-east; there are: us-east>eu-west")
        #expect(failure?.exitCode == ExitCode(2))
        #expect(try await orders().isEmpty)
    }

    @Test func `an order without a reason is not given`() async throws {
        try await put(command(3, readShare: 50))
        await #expect(throws: CommandFailure.self) {
            try await run("pause", "us-east", "eu-west", "--reason", "")
        }
        #expect(try await orders().isEmpty)
    }
}
