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

/// `foreshadow models` on an embedded cluster.
@Suite struct ModelsCommandTests {
    private static let partitions = ["us-east", "eu-west"]

    private let cluster: EmbeddedKafka
    private let folder: URL

    init() throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        cluster = try EmbeddedKafka(logger: logger)
        try cluster.createTopic(TopicName.affinityModels, topicPartitions: 1)
        try cluster.createTopic(TopicName.interactions, topicPartitions: 3)
        folder = FileManager.default.temporaryDirectory.appending(path: "models-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Runs `foreshadow models ...` under a configuration with these partitions.
    private func run(_ arguments: String..., partitions: [String] = partitions) async throws {
        let config = folder.appending(path: "\(UUID().uuidString).yaml")
        let yaml = "brokers: \"\(cluster.brokers)\"\npartitions: [\(partitions.joined(separator: ", "))]\n"
        try Data(yaml.utf8).write(to: config)
        let all = ["models"] + arguments + ["--config", config.path]
        guard var command = try Foreshadow.parseAsRoot(all) as? any AsyncParsableCommand else {
            throw CommandFailure.input("no command: \(all)")
        }
        try await command.run()
    }

    private func model(_ name: String) throws -> (path: String, label: String, file: [UInt8]) {
        let shape = NetworkShape(
            partitions: 2, experts: Expert.rows - 1, regions: 2, domains: 0, kinds: 0,
            denseInputs: NetworkInputs.dense, features: NetworkInputs.features,
            timeFeatures: NetworkInputs.timeFeatures)
        let model = try Model(
            origin: .init(name: name, createdFrom: "nothing"),
            names: .init(partitions: Self.partitions, regions: Self.partitions, domains: [], kinds: []),
            shareDiscount: 0.9, weights: NetworkWeights(shape, seed: 1))
        let path = folder.appending(path: "\(name).safetensors").path
        try ModelFile.write(model, to: path)
        return (path, model.label, model.encoded())
    }

    private func settings() async throws -> Settings {
        let file = folder.appending(path: "read.yaml")
        try Data("brokers: \"\(cluster.brokers)\"\n".utf8).write(to: file)
        return try await Settings.load(file: file.path)
    }

    private func catalogue() async throws -> ModelCatalogue {
        let settings = try await settings()
        return try await DedicatedThread.run(named: "read") { try ModelTopics(settings).read() }
    }

    /// What was written to `interactions`: topic partition, value, header.
    private func marks() async throws -> [String] {
        let client = try await settings().client
        return try await DedicatedThread.run(named: "read") {
            let reader = try TopicReader(
                client, topic: TopicName.interactions, from: .beginning, logger: Logger(label: "test"))
            var marks: [String] = []
            var isOpen = true
            while isOpen {
                isOpen = try reader.poll { record in
                    let header = record.headers.map {
                        "\($0.name)=\(String(decoding: $0.value ?? [], as: UTF8.self))"
                    }
                    let value = record.value.map { "\($0.count) bytes" } ?? "none"
                    marks.append("\(record.partition) \(value) \(header.joined(separator: " "))")
                }
            }
            return marks.sorted()
        }
    }

    @Test func `a model is published, activated in every topic partition, and taken back`() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let spring = try model("spring")
        try await run("publish", spring.path)
        let published = try await catalogue()
        #expect(published.entries.map(\.key) == [spring.label])
        #expect(published.entries.first?.file == spring.file)
        #expect(try await marks() == [])
        try await run("list")
        try await run("show", "spring")
        try await run("activate", "spring")
        let activated = (0...2).map { "\($0) \(spring.file.count) bytes foreshadow-mark=model" }
        #expect(try await marks() == activated)
        try await run("deactivate")
        let none = (0...2).map { "\($0) none foreshadow-mark=model" }
        #expect(try await marks() == (activated + none).sorted())
        try await run("remove", spring.label)
        #expect(try await catalogue().entries == [])
        await #expect(throws: CommandFailure.self) { try await run("activate", "spring") }
    }

    @Test func `a model for other partitions is refused, when it is published and when it is activated`()
        async throws
    {
        defer { try? FileManager.default.removeItem(at: folder) }
        let spring = try model("spring")
        for partitions in [["eu-west", "us-east"], ["us-east/sales", "eu-west/sales"], ["us-east"]] {
            let failure = await #expect(throws: CommandFailure.self) {
                try await run("publish", spring.path, partitions: partitions)
            }
            #expect(failure?.description.contains("bad-model") == true)
        }
        #expect(try await catalogue().entries == [])
        try await run("publish", spring.path)
        let failure = await #expect(throws: CommandFailure.self) {
            try await run("activate", "spring", partitions: ["eu-west", "us-east"])
        }
        #expect(failure?.description.contains("in another order") == true)
        #expect(try await marks() == [])
    }

    @Test func `what is no model is refused, and a topic that is not there is named`() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "broken.safetensors").path
        try Data("no model".utf8).write(to: URL(fileURLWithPath: path))
        let failure = await #expect(throws: CommandFailure.self) { try await run("publish", path) }
        #expect(failure?.description.contains("bad-model: model: ") == true)
        let missing = await #expect(throws: CommandFailure.self) {
            var settings = try await settings()
            settings.topics.inputPrefix = "other."
            let copy = settings
            try await DedicatedThread.run(named: "read") { try ModelTopics(copy).put("a/b", [1]) }
        }
        #expect(missing?.description.contains("'other.affinity-models' does not exist") == true)
    }
}
