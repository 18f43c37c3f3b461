import Foundation
import Testing

@testable import Evaluation

@Suite struct ShareTests {
    /// Forecasts the same share whatever it has learned.
    private struct Steady: Predictor {
        var names = ["steady"]
        var shareNames = ["steady"]
        var share: [Double]

        func predict(_ query: PredictionQuery, into rows: inout MutableSpan<Double>) {
            for i in share.indices { rows[i] = 1 / Double(share.count) }
        }

        func predictShare(_ query: PredictionQuery, into rows: inout MutableSpan<Double>) {
            for i in share.indices { rows[i] = share[i] }
        }

        func learn(_ event: EvaluationTrace.Event) {}
    }

    private func score(_ trace: EvaluationTrace, _ share: [Double], discount: Double?) throws
        -> PrequentialScores
    {
        var prequential = Prequential()
        prequential.shareDiscount = discount
        return try prequential.run(trace, [Steady(share: share)])
    }

    private func realised(_ trace: EvaluationTrace, from index: Int, discount: Double) -> [Double] {
        var shares = RealisedShares(trace, discount: discount)
        var dense = [Double](repeating: 0, count: trace.classes.count)
        shares.forEach(from: index) { dense[$0] = $1 }
        return dense
    }

    @Test func `the realised share is the discounted sum over the customer's own coming events`() throws {
        let trace = try trace(["a r", "b s", "a s", "b s", "a r", "a s"])
        #expect(realised(trace, from: 0, discount: 0.5) == [0.5 + 0.125, 0.25 + 0.0625])
        #expect(realised(trace, from: 2, discount: 0.5) == [0.25, 0.5 + 0.125])
        #expect(realised(trace, from: 5, discount: 0.5) == [0, 0.5])
        #expect(realised(trace, from: 1, discount: 0.5) == [0, 0.75])
    }

    @Test func `of a long future all of the share is known`() throws {
        let trace = try trace((0..<400).map { "a \($0 % 3 == 0 ? "r" : "s")" })
        let early = realised(trace, from: 0, discount: 0.9).reduce(0, +)
        #expect(abs(early - 1) < 1e-5)
        let late = realised(trace, from: 390, discount: 0.9).reduce(0, +)
        let known = 1 - (0..<10).reduce(1.0) { product, _ in 0.9 * product }
        #expect(abs(late - known) < 1e-12)
    }

    @Test func `the loss is the cross entropy per share that is known`() throws {
        let trace = try trace(["a r", "a s", "a r", "a s"])
        let scores = try score(trace, [0.2, 0.8], discount: 0.5)
        // Shares seen from the second event, the third and the last.
        let shares = [[0.25, 0.625], [0.5, 0.25], [0, 0.5]]
        func loss(_ rows: [[Double]]) -> Double {
            var (sum, known) = (0.0, 0.0)
            for row in rows {
                sum -= row[0] * log(0.2) + row[1] * log(0.8)
                known += row[0] + row[1]
            }
            return sum / known
        }
        #expect(scores.shares.map(\.name) == ["steady"])
        #expect(abs(try #require(scores.shares[0].logLoss) - loss(shares)) < 1e-12)
        let half = Array(shares.dropFirst())
        #expect(abs(try #require(scores.shares[0].logLossSecondHalf) - loss(half)) < 1e-12)
    }

    @Test func `who forecasts the true share loses least`() throws {
        let trace = try trace((0..<600).map { "a \($0 % 4 == 0 ? "r" : "s")" })
        let losses = try [0.15, 0.25, 0.35].map { part in
            try #require(score(trace, [part, 1 - part], discount: 0.99).shares[0].logLoss)
        }
        #expect(losses[1] < losses[0])
        #expect(losses[1] < losses[2])
    }

    @Test func `what is no distribution is refused`() throws {
        let trace = try trace(["a r", "a s"])
        #expect(throws: EvaluationFailure.self) { try score(trace, [0.2, 0.7], discount: 0.5) }
        #expect(throws: EvaluationFailure.self) { try score(trace, [-0.2, 1.2], discount: 0.5) }
    }

    @Test func `without a discount no share is scored, and reports have none`() throws {
        let trace = try trace(["a r", "a s"])
        let scores = try score(trace, [0.2, 0.8], discount: nil)
        #expect(scores.shares.isEmpty)
        let report = EvaluationReport(trace, scores, subject: "steady")
        #expect(!report.description.contains("share of coming"))
        #expect(!String(decoding: try JSONEncoder().encode(report), as: UTF8.self).contains("shareLogLoss"))
    }

    @Test func `reports tell the loss of each model, for people and for programs`() throws {
        let trace = try trace(["a r", "a s", "a s", "a r"])
        let report = EvaluationReport(trace, try score(trace, [0.5, 0.5], discount: 0.9), subject: "steady")
        #expect(report.description.contains("share of coming accesses, discounted by 0.90"))
        let rows = report.description.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(rows.contains(["steady", "0.693*", "0.693*"]))
        let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any]
        let share = try #require(object?["share"] as? [String: Any])
        #expect(share["discount"] as? Double == 0.9)
        let models = try #require(share["models"] as? [String: [String: Double]])
        #expect(abs(try #require(models["steady"]?["shareLogLoss"]) - log(2)) < 1e-9)
        #expect(abs(try #require(models["steady"]?["shareLogLossSecondHalf"]) - log(2)) < 1e-9)
    }

    @Test func `the rules that say where a customer is forecast the share`() throws {
        let trace = try trace(["a r", "a s", "b s", "a s", "b s", "b s"])
        var prequential = Prequential()
        prequential.shareDiscount = 0.9
        let scores = try prequential.run(trace, [Baselines(trace)])
        #expect(scores.shares.map(\.name) == ["home", "global", "decay5", "decay20", "decay50"])
        #expect(scores.shares.allSatisfy { $0.logLoss != nil })
    }
}
