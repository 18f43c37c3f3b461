import Foundation
import Testing

@testable import Evaluation

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite struct AxisTests {
    @Test func `a linear axis has round, even ticks`() {
        let axis = Axis(0...111_052, from: 0, to: 100)
        #expect(axis.ticks().map(\.text) == ["0", "20,000", "40,000", "60,000", "80,000", "100,000"])
        #expect(
            Axis(0...1, from: 0, to: 1).ticks(wanted: 5).map(\.text) == [
                "0.0", "0.2", "0.4", "0.6", "0.8", "1.0",
            ])
        #expect(Axis(0.9...1, from: 0, to: 1).ticks(wanted: 2).map(\.text) == ["0.90", "0.95", "1.00"])
    }

    @Test func `a logarithmic axis has round ratios, more where it is short`() {
        #expect(
            Axis(0.15...4, from: 0, to: 1, scale: .logarithmic).ticks().map(\.text) == [
                "0.2", "0.5", "1", "2",
            ])
        #expect(
            Axis(1.2...5, from: 0, to: 1, scale: .logarithmic).ticks().map(\.text) == [
                "1.5", "2", "3", "4", "5",
            ])
    }

    @Test func `values go to their places, those beyond an end to the end`() {
        #expect(Axis(0...10, from: 100, to: 0).place(2.5) == 75)
        #expect(Axis(0...10, from: 100, to: 0).place(12) == 0)
        #expect(abs(Axis(1...100, from: 0, to: 10, scale: .logarithmic).place(10) - 5) < 1e-12)
    }
}

@Suite struct ChartTests {
    let scores: PrequentialScores

    init() throws {
        let trace = try trace((0..<400).map { "c\($0 % 7) \($0 % 3 == 0 ? "r" : "s")" })
        scores = try Prequential().run(
            trace, [Baselines(trace), Fixed(names: ["<mine>"], rows: [0.3, 0.7])])
    }

    @Test func `the curve is the mean loss per chunk of the stream`() throws {
        let curve = LearningCurve(scores, chunks: 4)
        #expect(curve.events == 400)
        #expect(curve.lines.count == 10)
        let mine = try #require(curve.lines.last)
        #expect(mine.losses.count == 4)
        #expect(mine.losses.allSatisfy { $0 != nil })
        let scored = try #require(scores.models.last).scores
        let mean = scored.reduce(0) { $0 + Double($1.logLoss) } / Double(scored.count)
        #expect(abs(mine.mean - mean) < 1e-9)
    }

    @Test func `reliability bins hold all events, and the histogram too`() throws {
        let reliability = try #require(Reliability(scores, name: "mix"))
        #expect(reliability.bins.reduce(0) { $0 + $1.events } == Double(scores.events.count))
        #expect(abs(reliability.histogram.reduce(0, +) - 1) < 1e-9)
        #expect(Reliability(scores, name: "nobody") == nil)
    }

    @Test func `drawings are well-formed and name every model`() throws {
        let mine = try #require(Reliability(scores, name: "<mine>"))
        let curve = LearningCurve(scores).chart(title: "A & B", subject: "<mine>", rival: "mix")
        let diagram = Reliability.chart(
            title: "A & B", subject: mine, rival: Reliability(scores, name: "mix"))
        for drawing in [curve, diagram] {
            let parser = XMLParser(data: Data(drawing.utf8))
            #expect(parser.parse(), "\(String(describing: parser.parserError))")
            #expect(drawing.contains("A &amp; B"))
            #expect(drawing.contains("&lt;mine&gt;"))
            #expect(!drawing.contains("nan") && !drawing.contains("inf"))
        }
        for name in Baselines.names { #expect(curve.contains(">\(name)<")) }
        #expect(curve.contains("second half"))
    }

    @Test func `a chunk without scored events breaks the line`() {
        var drawing = SVG(width: 10, height: 10, title: "")
        drawing.path([(1, 2), (3, 4), nil, (5, 6), (7, 8)], color: "red", width: 1)
        #expect(drawing.text.contains("M1.00 2.00L3.00 4.00M5.00 6.00L7.00 8.00"))
    }
}
