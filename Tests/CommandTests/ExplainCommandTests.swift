import Affinity
import ArgumentParser
import Evaluation
import Foundation
import Testing

@testable import foreshadow

@Suite struct ExplainCommandTests {
    /// One customer who goes back and forth between two regions, and others who stay in one with a long name.
    private func trace() throws -> EvaluationTrace {
        var text = "customer,ts,region\n"
        for i in 0..<300 {
            let region = i % 3 == 0 ? "place\((i / 3) % 2)" : "a region with a very very long name"
            text += "c\(i % 3),\(i * 600_000),\(region)\n"
        }
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).csv").path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try EvaluationTrace(path: path, target: .region)
    }

    private func explain(_ customer: String, until: String? = nil) throws -> ExplanationReport {
        let source = ExplainTrace(
            path: "", target: .region, until: until.flatMap { ReplayMoment(argument: $0) }, model: nil)
        return try source.explain(customer, try trace())
    }

    @Test func `a sentence says who it is, where it is likely next, and why`() throws {
        let sentence = try explain("c0").sentence.replacing("\n", with: " ")
        #expect(
            sentence.hasPrefix(
                "customer c0, home place0, active, 100 accesses, the last from place1, 20 min ago: most likely next "
                    + "place0 "))
        #expect(sentence.contains(", because "))
        #expect(sentence.hasSuffix(" second is place1."))
    }

    @Test func `experts come by weight, and all fits into 100 columns`() throws {
        for customer in ["c0", "c1"] {
            let report = try explain(customer)
            let lines = report.text.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.allSatisfy { $0.count <= 100 }, "\(report.text)")
            let start = try #require(lines.firstIndex { $0.hasPrefix("next ") }) + 1
            let shown = lines[start..<start + 13].compactMap { $0.split(separator: " ").dropFirst().first }
            let weights = shown.compactMap { Double($0) }
            #expect(weights.count == 13)
            #expect(weights == weights.sorted(by: >))
        }
    }

    @Test func `only what came before --until is known`() throws {
        let report = try explain("c0", until: "1970-01-01T01:00:00Z")
        #expect(report.explanation.accesses == 2)
        #expect(report.asOf == 3_600_000)
        #expect(report.text.contains("2 accesses, the last from place1, 30 min ago"))
    }

    @Test func `who is not known is said to be, and how many are`() throws {
        let failure = #expect(throws: CommandFailure.self) { _ = try explain("c9\n") }
        #expect(failure?.description == "customer 'c9.' is not known; 3 customers are")
        #expect(failure?.exitCode == ExitCode(2))
        let early = #expect(throws: CommandFailure.self) { _ = try explain("c2", until: "600001") }
        #expect(early?.description == "customer 'c2' is not known; 2 customers are")
    }

    @Test func `programs get the same with partitions by name`() throws {
        let report = try explain("c0")
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(Output.json(report).utf8)) as? [String: Any])
        #expect(object["customer"] as? String == "c0")
        #expect(object["home"] as? String == "place0")
        #expect(object["mostLikely"] as? String == "place0")
        let next = try #require(object["next"] as? [String: Double])
        #expect(Set(next.keys) == ["place0", "place1", "a region with a very very long name"])
        #expect(abs(next.values.reduce(0, +) - 1) < 1e-4)
        let experts = try #require(object["experts"] as? [[String: Any]])
        #expect(experts.compactMap { $0["expert"] as? String }.last == "mixture")
        #expect(experts.count == 14)
        #expect((object["shareExperts"] as? [[String: Any]])?.count == 7)
        #expect((object["pool"] as? [String: Any])?["top"] as? String == "place0")
    }

    @Test(arguments: [
        ["ann", "--until", "2026-01-05T00:00:00Z"], ["ann", "--model", "m"], [""],
        ["ann", "--input", "t.csv", "--until", "soon"],
    ])
    func `options that make no sense are refused`(options: [String]) {
        #expect(throws: (any Error).self) { try ExplainCommand.parse(options) }
    }

    @Test(
        arguments: [
            (0, "0 s"), (119_999, "119 s"), (120_000, "2 min"), (7_200_000, "2 h"), (172_800_000, "2 days"),
            (-5, "0 s"),
        ] as [(Int64, String)])
    func `how long ago is said in round figures`(milliseconds: Int64, text: String) {
        #expect(ExplanationReport.ago(milliseconds) == "\(text) ago")
    }
}
