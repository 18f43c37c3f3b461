import ArgumentParser
import Testing

@testable import foreshadow

@Suite struct ReplaySpanTests {
    typealias Span = ReplayOffsets.Span

    @Test(arguments: [
        ("0:100..200", [Int32(0): Span(start: 100, end: 200)]),
        ("0:100..200,3:50..", [0: Span(start: 100, end: 200), 3: Span(start: 50, end: nil)]),
        ("7:..9", [7: Span(start: nil, end: 9)]),
        ("2:..", [2: Span(start: nil, end: nil)]),
        ("1:5..5", [1: Span(start: 5, end: 5)]),
    ])
    func `offsets are read`(text: String, spans: [Int32: Span]) {
        #expect(ReplayOffsets(argument: text)?.spans == spans)
    }

    @Test(arguments: [
        "", "0", "0:", "0:100", "0:1-2", ":1..2", "a:1..2", "-1:1..2", "0:2..1", "0:-1..2", "0:1..x",
        "0:1..2,", "0:1..2,0:3..4", "0:1..2..3",
    ])
    func `what is no span is refused`(text: String) {
        #expect(ReplayOffsets(argument: text) == nil)
    }

    @Test func `two options may not name the same topic partition`() throws {
        let one = try #require(ReplayOffsets(argument: "0:1..2"))
        let other = try #require(ReplayOffsets(argument: "1:3..4"))
        #expect(ReplayOffsets.merged([one, other])?.count == 2)
        #expect(ReplayOffsets.merged([one, other, one]) == nil)
    }

    @Test(arguments: [
        (Span(start: nil, end: nil), 10..<50), (Span(start: 20, end: 30), 20..<30),
        (Span(start: 0, end: 99), 10..<50), (Span(start: 60, end: nil), 50..<50),
        (Span(start: 0, end: 5), 10..<10),
    ])
    func `a span is cut to what is kept`(span: Span, range: Range<Int64>) {
        #expect(span.range(in: 10..<50) == range)
    }

    @Test(arguments: [
        ("1767605400000", Int64(1_767_605_400_000)), ("2026-01-05T09:30:00Z", 1_767_605_400_000),
        ("2026-01-05T10:30:00+01:00", 1_767_605_400_000), ("0", 0),
    ])
    func `moments are epoch milliseconds or RFC 3339`(text: String, milliseconds: Int64) {
        #expect(ReplayMoment(argument: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: ["", "yesterday", "-1", "2026-01-05", "2026-01-05T09:30:00"])
    func `what is no moment is refused`(text: String) {
        #expect(ReplayMoment(argument: text) == nil)
    }

    @Test(arguments: [
        ["--into", "a", "--nowhere"], [], ["--live"], ["--live", "--name", "a", "--input", "f"],
        ["--live", "--yes", "--name", "a"], ["--nowhere", "--from", "2", "--until", "1"],
        ["--nowhere", "--input", "f", "--from", "1"], ["--verify", "--input", "f"],
        ["--verify", "--offsets", "0:5.."], ["--into", "a", "--speed", "2"], ["--into", "a/b"],
        ["--nowhere", "--offsets", "0:1..2", "--from", "1"], ["--nowhere", "--speed", "1"],
    ])
    func `what makes no sense together is refused`(arguments: [String]) {
        #expect(throws: (any Error).self) { try ReplayCommand.parse(arguments) }
    }

    @Test(arguments: [
        ["--into", "a"], ["--into", "a", "--input", "f", "--speed", "2"], ["--verify", "--until", "5"],
        ["--live", "--yes", "--name", "a", "--input", "f"], ["--diff", "other.yaml", "--input", "-"],
        ["--live", "--yes", "--name", "a", "--offsets", "0:1..2"],
        ["--nowhere", "--offsets", "0:1..2,1:3.."],
    ])
    func `what makes sense is taken`(arguments: [String]) throws {
        _ = try ReplayCommand.parse(arguments)
    }
}
