import Affinity
import ArgumentParser
import Contracts
import Foundation
import Kafka
import Pipeline

struct ModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "Publish models, and switch the pipeline from one to another.",
        discussion: """
            The topic affinity-models is the catalogue; a model in it does nothing yet. To activate one writes it \
            into each topic partition of interactions: from that record on vectors are made with it, live and in \
            every replay. NAME is a model's name, or, where several have it, NAME/FINGERPRINT as list shows it.

              foreshadow models publish spring.safetensors --config foreshadow.yaml
              foreshadow models list
              foreshadow models activate spring
              foreshadow models activate winter        back to the one before
              foreshadow models deactivate             back to no network at all

            publish and activate need the configuration of the pipeline: a model that is not for its partitions \
            is refused. See docs/models.md.
            """,
        subcommands: [
            Publish.self, List.self, Show.self, Remove.self, Activate.self, Deactivate.self,
        ])

    struct Publish: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a model's file and put it into the catalogue.",
            discussion: """
                The file is refused, with the reason and exit code 2, if it is damaged, larger than \
                limits.maximumModelBytes, of another version, or for other partitions than the configuration's.
                """)
        @OptionGroup var cluster: ClusterOptions
        @Argument(help: "The model: a safetensors file.") var file: String

        func run() async throws {
            let settings = try await cluster.settings()
            let file = try ModelFile.bytes(file, limit: settings.pipeline.maximumModelBytes)
            let model = try settings.model(file)
            let key = model.label
            try await onThread { try ModelTopics(settings).put(key, file) }
            Output.line("published \(key), \(file.count) bytes")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the catalogue.")
        @OptionGroup var cluster: ClusterOptions
        @Flag(help: "One JSON object a model.") var json = false

        func run() async throws {
            let settings = try await cluster.settings()
            let catalogue = try await onThread { try ModelTopics(settings).read() }
            for entry in catalogue.entries {
                let summary = ModelSummary(entry)
                Output.line(try json ? Output.json(summary) : summary.line)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell what a model of the catalogue was trained on, and whether it could be activated.")
        @OptionGroup var cluster: ClusterOptions
        @Argument(help: "The model.") var name: String
        @Flag(help: "One JSON object.") var json = false

        func run() async throws {
            let settings = try await cluster.settings()
            let name = name
            let entry = try await onThread { try ModelTopics(settings).read().find(name) }
            var summary = ModelSummary(entry)
            summary.refusal = settings.refusal(entry.file)
            Output.line(try json ? Output.json(summary) : summary.text)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a model out of the catalogue.",
            discussion: "A pipeline that uses it goes on doing so, and so do replays: the log has a copy.")
        @OptionGroup var cluster: ClusterOptions
        @Argument(help: "The model.") var name: String

        func run() async throws {
            let settings = try await cluster.settings()
            let name = name
            let key = try await onThread {
                let topics = try ModelTopics(settings)
                let key = try topics.read().find(name).key
                try topics.put(key, nil)
                return key
            }
            Output.line("removed \(key)")
        }
    }

    struct Activate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Use a model of the catalogue from here on.",
            discussion: """
                All topic partitions of interactions get the model, or none. Where it is in use already nothing \
                happens, so the command can be given again.
                """)
        @OptionGroup var cluster: ClusterOptions
        @Argument(help: "The model.") var name: String

        func run() async throws {
            let settings = try await cluster.settings()
            let name = name
            let (key, count) = try await onThread {
                let topics = try ModelTopics(settings)
                let entry = try topics.read().find(name)
                _ = try settings.model(entry.file)
                return (entry.key, try topics.mark(entry.file))
            }
            Output.line("activated \(key) in \(count) topic partitions")
        }
    }

    struct Deactivate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Use no model from here on: the engine goes on without network.")
        @OptionGroup var cluster: ClusterOptions

        func run() async throws {
            let settings = try await cluster.settings()
            let count = try await onThread { try ModelTopics(settings).mark(nil) }
            Output.line("deactivated in \(count) topic partitions")
        }
    }
}

/// Waits for the cluster on a thread of its own.
private func onThread<Result: Sendable>(_ body: @Sendable @escaping () throws -> Result) async throws
    -> Result
{
    try await DedicatedThread.run(named: "models") { try body() }
}

extension Settings {
    /// Reads a model's file as the updater of this configuration would; refuses what it would refuse.
    func model(_ file: [UInt8]) throws -> Model {
        let partitions = try partitionMap()
        do throws(Rejection) {
            return try pipeline.model(file.span.bytes, for: partitions)
        } catch { throw CommandFailure.input("the model cannot be used: \(error)") }
    }

    /// Why this configuration's updater would refuse a file; nil if it would not.
    func refusal(_ file: [UInt8]) -> String? {
        do {
            _ = try model(file)
            return nil
        } catch { return "\(error)" }
    }
}
