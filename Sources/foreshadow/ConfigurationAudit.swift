import Configuration
import Foundation
import Synchronization
import Yams

/// Watches a configuration being read, so that what is misspelt or malformed is an error rather than a default.
final class ConfigurationAudit: AccessReporter {
    private struct State {
        var known: Set<String> = []
        var failures: [String] = []
    }

    private let state = Mutex(State())

    func report(_ event: AccessEvent) {
        let key = event.metadata.key.components.joined(separator: ".")
        let results = event.providerResults.map { $0.result.map { _ in () } } + [event.result.map { _ in () }]
        let isUnreadable =
            event.conversionError != nil
            || results.contains { if case .failure = $0 { true } else { false } }
        state.withLock { state in
            state.known.insert(key)
            if isUnreadable {
                state.failures.append("'\(key)' is not of the type \(event.metadata.valueType)")
            }
        }
    }

    /// Throws if a value could not be read.
    func checkValues() throws {
        let failures = state.withLock { $0.failures }
        if let first = failures.first { throw CommandFailure.input("configuration: \(first)") }
    }

    /// Throws if the file has a key that nobody asked for.
    func checkKeys(ofFile path: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let known = state.withLock { $0.known }
        let unknown = Self.leaves(try Yams.load(yaml: text) ?? [:], "").filter { !known.contains($0) }
        if let first = unknown.sorted().first {
            throw CommandFailure.input(
                "\(path): '\(first)' is no key; foreshadow.example.yaml lists them all")
        }
    }

    private static func leaves(_ node: Any, _ path: String) -> [String] {
        guard let mapping = node as? [String: Any] else { return [path] }
        return mapping.flatMap { leaves($0.value, path.isEmpty ? $0.key : "\(path).\($0.key)") }
    }
}
