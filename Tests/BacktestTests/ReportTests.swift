import Foundation
import Testing

@testable import Backtest
@testable import Evaluation

@Suite struct ReportTests {
    private func report(_ change: (inout BacktestConfiguration) -> Void = { _ in }) throws -> BacktestReport {
        var random = SeededGenerator(seed: 3)
        let trace = try HandMadeTrace.make((0..<10).map { _ in random.text("aaabbcd", count: 40) })
        var configuration = BacktestConfiguration()
        change(&configuration)
        return try Backtest(trace, HandMadeTrace.times(trace), configuration)
            .report(Set(Candidate.Kind.allCases), HandMadeTrace.oracle(trace, certainty: 0.9))
    }

    private func json(_ report: BacktestReport) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return try encoder.encode(report)
    }

    @Test func `each policy has a row, foreshadow at no more moves than the best that reacts`() throws {
        let report = try report()
        #expect(Set(report.rows.keys) == Set(Candidate.Kind.allCases))
        let comparison = try #require(report.comparison)
        let best = try #require(comparison.bestReactive)
        let reactive = [Candidate.Kind.last, .followTheWorkload, .accessCounter].compactMap {
            report.rows[$0]
        }
        #expect(best.remoteReads == reactive.map(\.outcome.remoteReads).min())
        #expect(comparison.subject.moves <= best.moves)
        #expect(comparison.clairvoyant <= comparison.clairvoyantOfPlacesSeen)
        #expect(Double(comparison.subject.remoteReads) >= comparison.clairvoyant)
        let bound = try #require(report.rows[.clairvoyant])
        #expect(bound.outcome.moves <= comparison.subject.moves)
    }

    @Test func `the JSON names policies, curves, rules and the comparison`() throws {
        let object = try #require(try JSONSerialization.jsonObject(with: json(report())) as? [String: Any])
        #expect(object["dataset"] as? String == "by hand")
        #expect((object["rules"] as? [String: Any])?["copies"] as? Int == 2)
        let policies = try #require(object["policies"] as? [String: [String: Any]])
        #expect(Set(policies.keys) == Set(Candidate.Kind.allCases.map(\.rawValue)))
        let outcome = try #require(policies["foreshadow"]?["outcome"] as? [String: Any])
        for key in [
            "reads", "remoteReads", "moves", "refusedMoves", "latencyMeanMillis", "latencyP75Millis",
            "latencyP99Millis", "crossRegionBytes", "storageOverhead", "aheadShare",
            "leadGainedMedianMillis", "falseActivations", "fullestPartition",
        ] { #expect(outcome[key] is NSNumber, "\(key)") }
        let curves = try #require(object["curves"] as? [String: [[String: Any]]])
        #expect((curves["access-counter"] ?? []).count > 20)
        let comparison = try #require(object["comparison"] as? [String: Any])
        #expect(comparison["belowReactive"] is NSNumber)
    }

    @Test func `the same trace gives the same bytes`() throws {
        #expect(try json(report()) == json(report()))
        #expect(try report().chart() == report().chart())
    }

    @Test func `the drawings show every policy by name`() throws {
        let report = try report()
        for drawing in [report.chart(), report.latencyChart()] {
            #expect(drawing.hasPrefix("<svg"))
            for kind in Candidate.Kind.allCases { #expect(drawing.contains(">\(kind.rawValue)<"), "\(kind)") }
        }
    }

    @Test func `rules out of range are refused by name`() {
        #expect(throws: BacktestFailure.outOfRange(name: "copies", range: "1 or 2")) {
            try report { $0.copies = 3 }
        }
    }
}

@Suite struct RoundTripTests {
    private let text = "# a comment\nx,y,80\ny,x,90\nx,z,20\n\nhere,=,x\nthere,=,y\nthird,=,z\nalso,=,x\n"

    @Test func `pairs hold both ways unless both are given, and aliases stand for regions`() throws {
        let times = try RoundTripTimes(text, names: ["here", "there"], localMillis: 2)
        #expect(times.time(from: 0, to: 1) == 80_000)
        #expect(times.time(from: 1, to: 0) == 90_000)
        #expect(times.time(from: 0, to: 0) == 2_000)
        let back = try RoundTripTimes(text, names: ["third", "here", "also"], localMillis: 2)
        #expect(back.time(from: 0, to: 1) == 20_000)
        #expect(back.time(from: 1, to: 2) == 2_000)
    }

    @Test func `what is missing or malformed is named`() {
        #expect(throws: BacktestFailure.noRoundTrip(from: "there", to: "third")) {
            try RoundTripTimes(text, names: ["there", "third"], localMillis: 1)
        }
        #expect(
            throws: BacktestFailure.badRoundTrip(
                line: 2, reason: "'-1' is not 0 to 60000 milliseconds")
        ) { try RoundTripTimes("x,y,5\nx,z,-1", names: ["x"], localMillis: 1) }
        #expect(throws: BacktestFailure.self) { try RoundTripTimes("x,y", names: ["x"], localMillis: 1) }
    }

    @Test func `the shipped times of public cloud regions are complete`() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "data/rtt-ibm-cloud.csv")
        let regions = [
            "dallas", "toronto", "washington", "frankfurt", "london", "madrid", "montreal", "osaka", "sydney",
            "tokyo", "sao-paulo", "sweden", "us-pacific",
        ]
        let times = try RoundTripTimes(
            try String(contentsOf: file, encoding: .utf8), names: regions, localMillis: 1)
        #expect(times.time(from: 3, to: 4) == 13_000)
    }
}
