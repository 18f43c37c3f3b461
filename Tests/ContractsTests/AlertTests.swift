import Contracts
import Foundation
import Testing

@Suite struct AlertTests {
    private static let text =
        #"{"rule":"bottleneck:us/\"sales\"","severity":"warning","state":"firing","since":1767605400000,"#
        + #""what":"over 85 %","figures":[{"name":"utilisation","value":0.931,"threshold":0.85},"#
        + #"{"name":"windows","value":-3,"threshold":0}]}"#
    private static let alert = Alert(
        rule: "bottleneck:us/\"sales\"", severity: .warning, state: .firing, since: 1_767_605_400_000,
        what: "over 85 %",
        figures: [
            AlertFigure("utilisation", valueMilli: 931, thresholdMilli: 850),
            AlertFigure("windows", valueMilli: -3_000, thresholdMilli: 0),
        ])

    private func decode(_ text: String) throws(Rejection) -> Alert {
        try Alert(decoding: text.utf8Span.span.bytes)
    }

    @Test func `an alert is read as it was written`() throws {
        var writer = JSONWriter()
        Self.alert.encode(into: &writer)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == Self.text)
        #expect(try decode(Self.text) == Self.alert)
    }

    @Test(arguments: AlertSeverity.allCases, AlertState.allCases)
    func `every severity and state is read`(severity: AlertSeverity, state: AlertState) throws {
        let text = Self.text.replacing("warning", with: severity.rawValue).replacing(
            "firing", with: state.rawValue)
        let alert = try decode(text)
        #expect(alert.severity == severity && alert.state == state)
    }

    @Test func `the example of the topic is an alert`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "topics/examples/alerts.json")
        let alert = try decode(String(contentsOf: file, encoding: .utf8))
        #expect(alert.figures == [AlertFigure("windows", valueMilli: 12_000, thresholdMilli: 6_000)])
    }

    @Test(arguments: [
        ("warning", "fatal", Rejection.Reason.invalidField, "severity"),
        ("firing", "on", .invalidField, "state"),
        (#""what":"over 85 %","#, "", .missingField, "what"), ("1767605400000", "-1", .invalidField, "since"),
        (#"bottleneck:us/\"sales\""#, "", .missingField, "rule"),
        ("bottleneck", String(repeating: "b", count: 1_024), .invalidField, "rule"),
        (#""value":0.931"#, #""value":"much""#, .invalidField, "figures[].value"),
        (#","threshold":0}"#, "}", .missingField, "figures[].threshold"), ("]}", "]", .malformedJSON, "byte"),
    ])
    func `a bad alert is rejected, and the field is named`(
        part: String, replacement: String, reason: Rejection.Reason, mention: String
    ) throws {
        let bad = Self.text.replacing(part, with: replacement)
        #expect(bad != Self.text)
        let rejected = try #require(throws: Rejection.self) { try decode(bad) }
        #expect(rejected.reason == reason, "\(rejected)")
        #expect(rejected.detail.contains(mention), "\(rejected)")
    }
}
