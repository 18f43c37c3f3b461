import Alerting
import Contracts
import Testing

@Suite struct AlertmanagerPayloadTests {
    private static let fired = Alert(
        rule: "bottleneck:eu:\"west\"", severity: .warning, state: .firing, since: 1_767_605_400_250,
        what: "over 85 %",
        figures: [
            AlertFigure("utilisation", valueMilli: 931, thresholdMilli: 850),
            AlertFigure("windows", valueMilli: 3_000, thresholdMilli: 3_000),
        ])

    private func text(_ alerts: [Alert], _ url: String? = nil) -> String {
        var writer = JSONWriter()
        AlertmanagerPayload.encode(alerts, generatorURL: url, into: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func `a firing alert has labels, annotations and a start`() {
        #expect(
            text([Self.fired], "http://orchestrator/") == #"[{"labels":{"alertname":"bottleneck","#
                + #""severity":"warning","partition":"eu:\"west\""},"annotations":{"summary":"over 85 %","#
                + #""description":"utilisation 0.931 (limit 0.85), windows 3 (limit 3)"},"#
                + #""startsAt":"2026-01-05T09:30:00.250Z","generatorURL":"http://orchestrator/"}]"#)
    }

    @Test func `one that is resolved has an end, and not before its start`() throws {
        var alert = Self.fired
        (alert.rule, alert.state) = ("dead-letters", .resolved)
        let value = try JSONValue(parsing: text([alert]).utf8Span.span.bytes)
        let member = try #require(value.elements?.first)
        #expect(member["endsAt"]?.text == "2026-01-05T09:30:00.250Z")
        #expect(member["startsAt"] == member["endsAt"])
        #expect(member["labels"]?["alertname"]?.text == "dead-letters")
        #expect(member["labels"]?["partition"] == nil)
    }

    @Test(arguments: [
        ("stuck-ramp:a>b", "shadow", "a>b"), ("lag:t", "topic", "t"),
        ("ratio-mismatch:e", "experiment", "e"),
        ("of-another-version:x", "subject", "x"),
    ])
    func `the subject's label says what it is`(rule: String, label: String, subject: String) throws {
        var alert = Self.fired
        alert.rule = rule
        let value = try JSONValue(parsing: text([alert]).utf8Span.span.bytes)
        #expect(value.elements?.first?["labels"]?[label]?.text == subject)
    }

    @Test func `none are an empty array`() { #expect(text([]) == "[]") }

    @Test(
        arguments: [
            0, 951_782_399_999, 951_868_800_000, 4_107_542_400_000, 253_402_300_799_999, 1_709_164_800_001,
        ] as [EventTime])
    func `times are written as they are read`(time: EventTime) throws {
        var alert = Self.fired
        alert.since = time
        let value = try JSONValue(parsing: text([alert]).utf8Span.span.bytes)
        let written = try #require(value.elements?.first?["startsAt"]?.text)
        #expect(RFC3339.instant(written.utf8Span.span.bytes) == time, "\(written)")
    }
}
