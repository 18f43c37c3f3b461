import Affinity
import ArgumentParser
import Contracts
import EmbeddedKafka
import Foundation
import Kafka
import Logging
import Pipeline
import Testing

@testable import foreshadow

/// `foreshadow train --from-topic` on an embedded cluster.
@Suite struct TrainingTopicTests {
    private let cluster: EmbeddedKafka
    private let folder: TrainingFolder
    private let config: String

    init() throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        cluster = try EmbeddedKafka(logger: logger)
        try cluster.createTopic(TopicName.interactions, topicPartitions: 3)
        try cluster.createTopic(TopicName.affinityModels, topicPartitions: 1)
        folder = try TrainingFolder()
        config = try folder.write(
            "brokers: \"\(cluster.brokers)\"\npartitions: [us-east, eu-west]\n", to: "c.yaml")
    }

    /// Publishes 40 accesses of each of six customers, who go back and forth at different paces.
    private func publish(from start: Int64) async throws {
        let client = try await Settings.load(file: config).client
        try await DedicatedThread.run(named: "publish") {
            let producer = try Producer(client, logger: Logger(label: "test"))
            var buffer = RecordBuffer(topics: [TopicName.interactions])
            for i in 0..<Int64(240) {
                let customer = "c\(i % 6)"
                let region = (i / 6) % (2 + i % 3) == 0 ? "us-east" : "eu-west"
                let time = start + i * 60_000
                let value =
                    #"{"id":"\#(time)","customer":"\#(customer)","time":\#(time),"kind":"k","region":"\#(region)"}"#
                buffer.append(
                    topic: 0, partition: Int32(i % 3), key: customer.utf8Span.span.bytes,
                    value: value.utf8Span.span.bytes)
            }
            try producer.send(buffer)
            try producer.flush(timeoutMilliseconds: 30_000)
        }
    }

    private func train(_ out: String, _ options: String...) async throws {
        try await run(
            [
                "train", "--from-topic", "--out", folder.path(out), "--name", "t", "--units", "8",
                "--epochs", "2",
            ] + options)
    }

    private func run(_ arguments: [String]) async throws {
        let all = arguments + ["--config", config]
        guard var command = try Foreshadow.parseAsRoot(all) as? any AsyncParsableCommand else {
            throw CommandFailure.input("no command: \(all)")
        }
        try await command.run()
    }

    @Test func `interactions become a model, and a training that is resumed reads the same again`()
        async throws
    {
        try await publish(from: 1_000)
        let checkpoint = folder.path("checkpoint")
        try await train("first", "--checkpoint", checkpoint)
        let first = try ModelFile.read(folder.path("first"))
        #expect(first.origin.createdFrom == "interactions 0:0..80,1:0..80,2:0..80")
        #expect(first.origin.accesses == 240 && first.origin.customers == 6)
        #expect(first.names.partitions == ["us-east", "eu-west"] && first.names.kinds == ["k"])
        try await publish(from: 20_000_000)
        try await train("resumed", "--checkpoint", checkpoint, "--resume")
        #expect(try folder.bytes("resumed") == folder.bytes("first"))
        try await train("anew")
        #expect(try ModelFile.read(folder.path("anew")).origin.accesses == 480)
    }

    @Test func `what was trained can be published and activated, and is passed over by the next training`()
        async throws
    {
        try await publish(from: 1_000)
        try await train("first")
        try await run(["models", "publish", folder.path("first")])
        try await run(["models", "activate", "t"])
        try await train("second")
        let (first, second) = try (
            ModelFile.read(folder.path("first")), ModelFile.read(folder.path("second"))
        )
        #expect(second.origin.createdFrom != first.origin.createdFrom, "the mark is a record")
        #expect(second.origin.accesses == first.origin.accesses)
        #expect(second.weights.values == first.weights.values)
    }

    @Test func `a checkpoint of another topic, and a topic that is not there, are named`() async throws {
        try await publish(from: 1_000)
        try await train("m", "--checkpoint", folder.path("checkpoint"))
        let settings = try await Settings.load(file: config)
        let partitions = try settings.partitionMap()
        func refusal(prefix: String) async -> String {
            var other = settings
            other.topics.inputPrefix = prefix
            let topic = TrainingTopic(settings: other, partitions: partitions, from: nil, until: nil)
            do {
                try await DedicatedThread.run(named: "read") {
                    _ = try topic.collect(resuming: "interactions 0:0..80", limit: 1_000)
                }
                return "nothing"
            } catch { return "\(error)" }
        }
        #expect(await refusal(prefix: "") == "nothing")
        #expect(await refusal(prefix: "old.").contains("old.interactions"))
        try cluster.createTopic("old.interactions", topicPartitions: 1)
        #expect(
            await refusal(prefix: "old.")
                == "the checkpoint cannot be resumed: it was trained on 'interactions 0:0..80', not on the topic old.interactions"
        )
    }

    @Test func `what a checkpoint was trained on but is gone is not made up for`() async throws {
        try await publish(from: 1_000)
        let settings = try await Settings.load(file: config)
        let topic = TrainingTopic(
            settings: settings, partitions: try settings.partitionMap(), from: nil, until: nil)
        let failure = await #expect(throws: CommandFailure.self) {
            try await DedicatedThread.run(named: "read") {
                _ = try topic.collect(resuming: "interactions 0:0..81", limit: 1_000)
            }
        }
        #expect(failure?.description.contains("interactions[0] no longer has all") == true)
    }

    @Test func `offsets that were written are read`() throws {
        let text = TrainingTopic.source("interactions", [(0, 5..<17), (1, 4..<4), (7, 0..<9)])
        #expect(text == "interactions 0:5..17,7:0..9")
        let spans = try TrainingTopic.spans(of: text, "interactions")
        #expect(spans == [0: .init(start: 5, end: 17), 7: .init(start: 0, end: 9)])
        #expect(throws: CommandFailure.self) { try TrainingTopic.spans(of: "a trace", "interactions") }
    }
}
