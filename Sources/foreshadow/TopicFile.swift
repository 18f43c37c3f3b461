import Foundation
import Kafka
import Yams

/// A topic as a file in `topics/` describes it.
struct TopicFile: Codable, Equatable {
    var name: String
    var topicPartitions: Int32
    var replication: Int32
    var config: [String: String]?

    var settings: [String: String] { config ?? [:] }

    /// Where the descriptions are looked for when no folder is named.
    static let searchPath = ["topics", "/usr/share/foreshadow/topics"]

    /// Reads every description in `folder`, ordered by name.
    static func readAll(in folder: String?) throws -> [TopicFile] {
        let folder = try folder ?? findFolder()
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw CommandFailure.input("cannot read the folder '\(folder)' of topic descriptions")
        }
        let files = names.filter { $0.hasSuffix(".yaml") && $0 != "asyncapi.yaml" }.sorted()
        if files.isEmpty { throw CommandFailure.input("no topic descriptions (*.yaml) in '\(folder)'") }
        return try files.map { try read("\(folder)/\($0)") }
    }

    static func read(_ path: String) throws -> TopicFile {
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            return try YAMLDecoder().decode(TopicFile.self, from: text)
        } catch {
            throw CommandFailure.input("\(path) is no topic description: \(error)")
        }
    }

    private static func findFolder() throws -> String {
        let named = ProcessInfo.processInfo.environment["FORESHADOW_TOPICS"].map { [$0] } ?? []
        for folder in named + searchPath where FileManager.default.fileExists(atPath: folder) {
            return folder
        }
        throw CommandFailure.input(
            "no folder of topic descriptions found; name it with --topics DIR or FORESHADOW_TOPICS")
    }
}
