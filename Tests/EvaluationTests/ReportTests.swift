import Foundation
import Testing

@testable import Evaluation

@Suite struct ReportTests {
    let report: EvaluationReport

    init() throws {
        let trace = try trace(["a r", "a r", "b s", "a s", "b s", "a s", "b r", "b r"])
        let scores = try Prequential().run(
            trace, [Fixed(names: ["mine"], rows: [0.4, 0.6]), Fixed(names: ["rule"], rows: [0.9, 0.1])])
        report = EvaluationReport(trace, scores, subject: "mine", rivals: ["rule", "mine", "absent"])
    }

    @Test func `the subject comes last`() {
        #expect(report.models.map(\.name) == ["rule", "mine"])
    }

    @Test func `figures follow from the scores`() throws {
        let mine = try #require(report.models.last)
        #expect(report.scored == 6)
        #expect(abs(report.changeShare - 2.0 / 6) < 1e-12)
        #expect(mine.values[.accuracy] == 0.5)
        #expect(abs(try #require(mine.values[.ece]) - 0.1) < 1e-6)
        #expect(mine.values[.accuracyOnChanges] == 0.5)
        for metric in Metric.allCases where mine.values[metric] != nil {
            #expect(mine.intervals[metric] != nil, "\(metric)")
        }
    }

    @Test func `the subject is compared with the best rival on the same draws`() throws {
        let comparison = try #require(report.comparison)
        let (rule, mine) = (report.models[0], report.models[1])
        #expect(comparison.rival == "rule")
        let loss = try #require(mine.values[.logLoss]) - #require(rule.values[.logLoss])
        #expect(comparison.differences[.logLoss] == loss)
        #expect(try #require(comparison.intervals[.logLoss]).contains(loss))
        // One of them is right where the other is wrong, so the difference of accuracies is 1 - 2 * rule's.
        let accuracy = try #require(rule.intervals[.accuracy])
        let difference = try #require(comparison.intervals[.accuracy])
        #expect(abs(difference.lowerBound - (1 - 2 * accuracy.upperBound)) < 1e-9)
        #expect(report.description.contains("mine minus rule: log loss -0."))
    }

    @Test func `the table has a row a model and marks the best of each column`() {
        let lines = report.description.split(separator: "\n").map(String.init)
        #expect(
            lines[0] == "test, region: 2 classes, 8 events of 2 customers, 6 scored, 33.3 % of them changes")
        #expect(lines[1].hasPrefix("whole stream  accuracy "))
        #expect(lines[2].hasPrefix("rule          0.500* ±"))
        #expect(lines[3].hasPrefix("mine          0.500* ±"))
        #expect(lines.last?.hasPrefix("± half the width of the 95 % interval") == true)
        #expect(lines.last?.hasSuffix("200 resamples of the customers, seed 1") == true)
    }

    @Test func `programs get the figures under the names of the metrics`() throws {
        let data = try JSONEncoder().encode(report)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(Set(object.keys) == ["dataset", "target", "scored", "models"])
        #expect(object["dataset"] as? String == "test")
        #expect(object["scored"] as? Int == 6)
        let models = try #require(object["models"] as? [String: [String: Any]])
        let mine = try #require(models["mine"])
        for name in [
            "accuracy", "logLoss", "logLossSecondHalf", "accuracyOnChanges", "ece", "brier",
            "accuracySecondHalf", "eceSecondHalf", "brierSecondHalf", "accuracyOnChangesSecondHalf",
            "logLossCold",
        ] { #expect(mine[name] is Double, "\(name)") }
        let intervals = try #require(mine["intervals"] as? [String: [Double]])
        #expect(intervals["logLoss"]?.count == 2)
    }

    @Test func `without resamples there are no intervals`() throws {
        let trace = try trace(["a r", "a s", "a s"])
        var bootstrap = CustomerBootstrap()
        bootstrap.resamples = 0
        let report = EvaluationReport(
            trace, try Prequential().run(trace, [Fixed(rows: [0.5, 0.5])]), subject: "fixed",
            bootstrap: bootstrap)
        #expect(report.models[0].intervals.isEmpty)
        #expect(!report.description.contains("±"))
    }

    @Test(arguments: [
        (0.0495, 3, "0.050"), (12, 3, "12.000"), (-0.0001, 3, "0.000"), (2.6, 0, "3"), (-1.25, 2, "-1.25"),
    ])
    func `numbers are rounded for people`(value: Double, decimals: Int, text: String) {
        #expect(value.text(decimals: decimals) == text)
    }
}
