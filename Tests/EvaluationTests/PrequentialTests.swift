import Contracts
import Testing

@testable import Evaluation

@Suite struct PrequentialTests {
    @Test func `the first event of a customer is not scored`() throws {
        let scores = try Prequential().run(
            try trace(["a r", "b s", "a s", "a s", "b s"]), [Fixed(rows: [0.25, 0.75])])
        #expect(scores.events.map(\.index) == [2, 3, 4])
        #expect(scores.events.map(\.customer) == [0, 0, 1])
        #expect(scores.events.map(\.isChange) == [true, false, false])
        #expect(scores.events.map(\.isInSecondHalf) == [true, true, true])
        #expect(scores.models.map(\.name) == ["fixed"])
        #expect(scores.models[0].scores.count == 3)
    }

    @Test func `a customer is cold until it has five events`() throws {
        let scores = try Prequential().run(
            try trace(["a r", "a s", "a s", "a s", "a s", "a s", "a s"]), [Fixed(rows: [0.5, 0.5])])
        #expect(scores.events.map(\.isCold) == [true, true, true, true, false, false])
        #expect(scores.events.map(\.isInSecondHalf) == [false, false, true, true, true, true])
    }

    @Test func `events that follow too soon are learned from and not scored`() throws {
        var prequential = Prequential()
        prequential.minGapMillis = 10
        let trace = try trace([(0, "a r"), (5, "a s"), (15, "a r"), (24, "a r"), (40, "b s"), (60, "b s")])
        let scores = try prequential.run(trace, [Recorder(log: Log())])
        #expect(scores.events.map(\.index) == [2, 5])
        #expect(scores.events.map(\.isChange) == [true, false])
    }

    @Test(arguments: [true, false]) func `predictors are asked before they learn`(isTimeKnown: Bool) throws {
        var prequential = Prequential()
        prequential.isTimeKnown = isTimeKnown
        let log = Log()
        _ = try prequential.run(try trace(["a r", "a s", "a r"]), [Recorder(log: log)])
        let times = isTimeKnown ? ["1000", "2000"] : ["-", "-"]
        #expect(
            log.lines == [
                "learn 0", "predict 1 at \(times[0])", "learn 1", "predict 2 at \(times[1])", "learn 0",
            ]
        )
    }

    @Test func `one predictor may give several named predictions`() throws {
        let both = Fixed(names: ["sure", "unsure"], rows: [0.1, 0.9, 0.5, 0.5])
        let scores = try Prequential().run(try trace(["a r", "a s"]), [both])
        #expect(scores.models.map(\.name) == ["sure", "unsure"])
        #expect(scores.models.map { $0.scores[0].confidence } == [0.9, 0.5])
        #expect(scores.models.map { $0.scores[0].isHit } == [true, false], "of equal ones the first counts")
    }

    @Test(arguments: [[0.5, 0.4], [1.5, -0.5], [.nan, 0.5]])
    func `what is no distribution is refused`(row: [Double]) throws {
        let failure = #expect(throws: EvaluationFailure.self) {
            _ = try Prequential().run(try trace(["a r", "a s"]), [Fixed(rows: row)])
        }
        guard case .notADistribution("fixed", event: 1, _) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test func `customers that come once leave nothing to score`() throws {
        #expect(throws: EvaluationFailure.nothingToScore) {
            try Prequential().run(try trace(["a r", "b s"]), [Fixed(rows: [0.5, 0.5])])
        }
    }
}

/// What a predictor was asked and taught.
private final class Log {
    var lines: [String] = []
}

private struct Recorder: Predictor {
    let names = ["recorder"]
    let log: Log

    func predict(_ query: PredictionQuery, into rows: inout MutableSpan<Double>) {
        log.lines.append("predict \(query.index) at \(query.time.map(String.init) ?? "-")")
        for k in 0..<rows.count { rows[k] = 1 / Double(rows.count) }
    }

    func learn(_ event: EvaluationTrace.Event) { log.lines.append("learn \(event.target)") }
}
