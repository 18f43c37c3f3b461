import Contracts
import Forecasting
import Foundation
import Testing

@testable import Evaluation

/// Series counted from a trace, and forecasts of them scored.
@Suite struct ForecastTrialTests {
    private static let hour: EventTime = 3_600_000

    /// Two regions: one has hours of 5 and of 0 events in turn each half day, the other one event a day.
    private func twoRegions(days: Int) throws -> EvaluationTrace {
        var events: [(time: EventTime, text: String)] = []
        for hour in 0..<days * 24 {
            let time = EventTime(hour) * Self.hour
            if hour % 24 < 12 { for i in 0..<5 { events.append((time + EventTime(i), "c\(i) day")) } }
            if hour % 24 == 7 { events.append((time + 10, "c9 once")) }
        }
        events.append((EventTime(days * 24) * Self.hour, "c1 day"))
        return try trace(events)
    }

    @Test func `events are counted by class and window, and the last window is left out`() throws {
        let trace = try trace([
            (0, "a x"), (Self.hour - 1, "b y"), (Self.hour, "a x"), (2 * Self.hour, "a y"),
        ])
        let counts = try WindowCounts(trace, windowMillis: Self.hour, atLeast: 1)
        #expect(counts.names == ["x", "y"])
        #expect(counts.counts == [[1, 1], [1, 0]])
        #expect(counts.firstWindow == 0)
    }

    @Test func `windows before 1970 are counted too`() throws {
        let trace = try trace([(-1, "a x"), (0, "b y"), (Self.hour, "a x")])
        let counts = try WindowCounts(trace, windowMillis: Self.hour, atLeast: 1)
        #expect(counts.firstWindow == -1)
        #expect(counts.counts == [[1, 0], [0, 1]])
    }

    @Test func `a trace that is too short, or has too many windows, is refused`() throws {
        let short = try trace([(0, "a x"), (5 * Self.hour, "b y")])
        #expect(throws: EvaluationFailure.tooFewWindows(found: 5, needed: 170)) {
            try WindowCounts(
                short, windowMillis: Self.hour,
                atLeast: ForecastTrial(ForecastConfiguration()).windowsNeeded)
        }
        let long = try trace([(0, "a x"), (1 << 50, "b y")])
        #expect(
            throws: EvaluationFailure.tooManyWindows(
                (1 << 50) / 1_000, classes: 2, limit: WindowCounts.countsMax)
        ) { try WindowCounts(long, windowMillis: 1_000, atLeast: 1) }
    }

    @Test func `every model is scored on every series, on the same windows`() throws {
        let counts = try WindowCounts(try twoRegions(days: 20), windowMillis: Self.hour, atLeast: 1)
        let report = ForecastTrial(ForecastConfiguration()).run(counts)
        #expect(
            report.models == ["combination"] + Component.allCases.map { "\($0)" } + [
                "naive 24 h", "naive 168 h",
            ])
        #expect(report.series.map(\.name) == ["day", "once"])
        for series in report.series {
            #expect(series.scores.map(\.windows) == Array(repeating: 20 * 24 - 169, count: 11))
        }
        // A season without noise: the naive makes no error, so there is nothing to measure errors in.
        let naive = report.series[0].scores[10]
        #expect(naive.pinball50 == 0)
        #expect(naive.maseWeek == nil)
        #expect(report.busy.map(\.name) == ["day"])
        #expect((report.series[0].scores[0].pinball50 ?? 9) < 0.05)
    }

    @Test func `the naive is measured in its own errors`() throws {
        var random = SplitMix(state: 3)
        var events: [(time: EventTime, text: String)] = []
        for hour in 0..<600 {
            for i in 0..<Int.random(in: 0...6, using: &random) {
                events.append((EventTime(hour) * Self.hour + EventTime(i), i < 3 ? "a x" : "a y"))
            }
        }
        for horizon in [1, 30] {
            var configuration = ForecastConfiguration()
            configuration.horizons = [horizon]
            let counts = try WindowCounts(try trace(events), windowMillis: Self.hour, atLeast: 1)
            let report = ForecastTrial(configuration).run(counts)
            for series in report.series {
                #expect(series.scores[9].maseDay == 1)
                #expect(series.scores[10].maseWeek == 1)
                #expect((series.scores[0].maseWeek ?? 9) < 0.85, "horizon \(horizon)")
            }
        }
    }

    @Test func `the report is a table for people and one object for programs`() throws {
        let counts = try WindowCounts(try twoRegions(days: 10), windowMillis: Self.hour, atLeast: 1)
        let report = ForecastTrial(ForecastConfiguration()).run(counts)
        let text = "\(report)"
        #expect(text.hasPrefix("test, region: 2 series, windows of 3600 s, 1 ahead; 71 windows scored\n"))
        #expect(text.contains("naive 168 h"))
        #expect(text.contains("once (mean 0.0"))
        let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any]
        #expect(object?["windows"] as? Int == 71)
        #expect((object?["overall"] as? [Any])?.count == 11)
        #expect((object?["series"] as? [Any])?.count == 2)
    }

    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            let z = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
            let mixed = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }
}
