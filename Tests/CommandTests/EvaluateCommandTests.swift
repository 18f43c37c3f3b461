import Affinity
import ArgumentParser
import Evaluation
import Foundation
import Testing

@testable import foreshadow

@Suite struct EvaluateCommandTests {
    /// Customers who go back and forth between two regions, and some who stay.
    private func trace() throws -> EvaluationTrace {
        var text = "customer,ts,region\n"
        for i in 0..<400 {
            let customer = i % 10
            let region = customer < 5 ? "home\(customer)" : "place\((i / 10) % 2)"
            text += "c\(customer),\(i * 600_000),\(region)\n"
        }
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).csv").path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try EvaluationTrace(path: path, target: .region)
    }

    @Test func `the affinity engine predicts as the pipeline would, and beats what cannot see a pattern`()
        throws
    {
        let trace = try trace()
        let scores = try Prequential().run(
            trace, [Baselines(trace), AffinityPredictor(trace, configuration: AffinityConfiguration())])
        let report = EvaluationReport(trace, scores, subject: AffinityPredictor.name)
        let engine = try #require(report.models.last)
        #expect(engine.name == "foreshadow")
        let loss = try #require(engine.values[.logLossSecondHalf])
        for name in ["home", "last", "global", "userfreq"] {
            let rule = try #require(report.models.first { $0.name == name }?.values[.logLossSecondHalf])
            #expect(loss < rule, "\(name)")
        }
    }

    @Test(arguments: [false, true])
    func `each expert of the engine is scored if asked for, and none changes the engine's figures`(
        isTimeKnown: Bool
    ) throws {
        let trace = try trace()
        var configuration = AffinityConfiguration()
        configuration.isTimeKnown = isTimeKnown
        var prequential = Prequential()
        prequential.isTimeKnown = isTimeKnown
        prequential.shareDiscount = 0.9
        let alone = try prequential.run(trace, [AffinityPredictor(trace, configuration: configuration)])
        let all = try prequential.run(
            trace, [AffinityPredictor(trace, configuration: configuration, withExperts: true)])
        #expect(all.models[0].scores == alone.models[0].scores)
        #expect(all.shares == alone.shares)
        let expected = Expert.allCases.filter { $0 != .network && ($0 != .atHour || isTimeKnown) }
        #expect(all.models.dropFirst().map(\.name) == expected.map { "expert:\($0)" })
        // Customers go back and forth: who counts transitions foresees it, who counts visits does not.
        let report = EvaluationReport(trace, all, subject: AffinityPredictor.name)
        let losses = Dictionary(
            uniqueKeysWithValues: report.models.map { ($0.name, $0.values[.logLossSecondHalf] ?? 9) })
        #expect(try #require(losses["expert:markov"]) < #require(losses["expert:long"]))
    }

    @Test(arguments: [
        ["--max-regions", "1"], ["--resamples", "-1"], ["--min-gap-hours", "-2"], ["--target", "country"],
    ])
    func `options that make no sense are refused`(options: [String]) {
        #expect(throws: (any Error).self) {
            try EvaluateCommand.parse(["--input", "trace.csv"] + options)
        }
    }
}
