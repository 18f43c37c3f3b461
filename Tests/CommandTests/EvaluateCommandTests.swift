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

    @Test(arguments: [
        ["--max-regions", "1"], ["--resamples", "-1"], ["--min-gap-hours", "-2"], ["--target", "country"],
    ])
    func `options that make no sense are refused`(options: [String]) {
        #expect(throws: (any Error).self) {
            try EvaluateCommand.parse(["--input", "trace.csv"] + options)
        }
    }
}
