import Foundation
import Testing

/// The habits CONTRIBUTING.md asks for, held by reading the tree.
@Suite struct TidyTests {
    static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")

    /// What each module may import of this project's.
    static let mayImport: [String: Set<String>] = [
        "Kafka": ["CRdkafka"],
        "Contracts": [],
        "Affinity": ["Contracts"],
        "Training": ["Affinity", "Contracts"],
        "Trends": ["Contracts", "Forecasting"],
        "Forecasting": ["Contracts"],
        "Routing": ["Contracts"],
        "ForeshadowRouting": ["Routing", "Experiments", "Contracts", "Kafka"],
        "Experiments": ["Contracts"],
        "Alerting": ["Contracts", "Forecasting"],
        "Monitoring": [],
        "Orchestrator": [
            "ForeshadowRouting", "Routing", "Experiments", "Alerting", "Monitoring", "Kafka", "Contracts",
        ],
        "Workload": ["Contracts", "CZlib"],
        "Evaluation": ["Contracts", "Workload", "Forecasting"],
        "Backtest": ["Contracts", "Evaluation"],
        "Streams": ["Kafka"],
        "SimulatedKafka": ["Kafka"],
        "EmbeddedKafka": ["SimulatedKafka", "Kafka", "CZlib", "CSnappy", "CLZ4", "CZstd"],
        "Simulation": ["SimulatedKafka", "Streams", "Kafka"],
        "simulate": ["Simulation"],
        "Pipeline": ["Streams", "Kafka", "Contracts", "Affinity", "Trends", "Alerting"],
        "Scenarios": ["Pipeline", "Trends", "Kafka", "Contracts", "Workload"],
        "foreshadow": [
            "Kafka", "EmbeddedKafka", "Contracts", "Affinity", "Trends", "Streams", "Pipeline", "Workload",
            "Evaluation", "Backtest", "Training", "Forecasting", "Scenarios", "Orchestrator", "Routing",
            "ForeshadowRouting", "Alerting",
        ],
    ]

    /// Modules that know no clock, no file and no network.
    static let pure: Set<String> = [
        "Contracts", "Affinity", "Trends", "Forecasting", "Routing", "Experiments", "Alerting",
    ]

    struct File {
        var module: String
        var name: String
        var lines: [Substring]
    }

    let files: [File]

    init() throws {
        var files: [File] = []
        for module in Self.mayImport.keys.sorted() {
            let folder = Self.sources.appending(path: module)
            for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
            where name.hasSuffix(".swift") {
                let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
                files.append(
                    File(
                        module: module, name: "\(module)/\(name)",
                        lines: text.split(separator: "\n", omittingEmptySubsequences: false)))
            }
        }
        self.files = files
    }

    @Test func `no file is over 400 lines`() {
        #expect(files.filter { $0.lines.count > 400 }.map(\.name) == [])
    }

    @Test func `no file is a drawer for what has no place`() {
        let banned = ["Utils", "Utilities", "Helpers", "Manager", "Misc"]
        #expect(files.map(\.name).filter { name in banned.contains { name.contains($0) } } == [])
    }

    @Test(arguments: ["try!", "as!", "fatalError(", "TODO", "FIXME"])
    func `what we do without is not there`(word: String) {
        #expect(places { $0.contains(word) } == [])
    }

    @Test func `what is sendable by our own word says why, on its next line`() {
        for file in files {
            for (number, line) in file.lines.enumerated() where line.contains("@unchecked Sendable") {
                let next = number + 1 < file.lines.count ? file.lines[number + 1] : ""
                #expect(next.contains("// Invariant:"), "\(file.name):\(number + 1)")
            }
        }
    }

    @Test func `modules import what the map allows`() {
        let ours = Set(Self.mayImport.keys).union(["CRdkafka", "CZlib", "CSnappy", "CLZ4", "CZstd"])
        for file in files {
            for imported in imports(file) where ours.contains(imported) {
                #expect(Self.mayImport[file.module]?.contains(imported) == true, "\(file.name): \(imported)")
            }
        }
    }

    @Test func `the core imports nothing that has a clock`() {
        for file in files where Self.pure.contains(file.module) {
            let outside = imports(file).filter { Self.mayImport[file.module]?.contains($0) != true }
            #expect(outside == [], "\(file.name)")
        }
    }

    private func imports(_ file: File) -> [String] {
        file.lines.compactMap { line in
            let words = line.split(separator: " ")
            guard let at = words.firstIndex(of: "import"), at <= 1, words.count > at + 1 else { return nil }
            return String(words[at + 1])
        }
    }

    private func places(_ isBad: (Substring) -> Bool) -> [String] {
        files.flatMap { file in
            file.lines.enumerated().filter { isBad($0.element) }.map { "\(file.name):\($0.offset + 1)" }
        }
    }
}
