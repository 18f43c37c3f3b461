import Contracts
import Kafka
import Testing

/// What cannot be used goes to the dead letters with a reason and its bytes untouched; nothing else suffers.
@Suite struct BadInputTests {
    static let invalidUTF8: [UInt8] =
        Array(#"{"id":"1","customer":"a","kind":"x","region":""#.utf8) + [0xFF] + Array(#""}"#.utf8)

    static let table: [(Sent, reason: String)] = [
        (Sent(key: "a", value: "{"), "malformed-json"),
        (Sent(key: "a", value: "not json at all"), "malformed-json"),
        (Sent(key: "a", value: ""), "malformed-json"),
        (Sent(key: "a", value: "[]"), "malformed-json"),
        (Sent(key: "a", value: #"{"id":"1","customer":"a","kind":"x","region":"us-east"}"#), "missing-field"),
        (Sent(key: "a", value: #"{"customer":"a","time":1,"kind":"x","region":"us-east"}"#), "missing-field"),
        (interaction("1", time: "-5"), "invalid-field"),
        (interaction("1", time: "1.5"), "invalid-field"),
        (interaction("1", time: #""yesterday""#), "invalid-field"),
        (interaction("1", time: "99999999999999"), "future-time"),
        (interaction("1", region: "atlantis"), "unknown-partition"),
        (
            Sent(key: "", value: interaction("1").value.map { String(decoding: $0, as: UTF8.self) }),
            "empty-key"
        ),
        (
            Sent(key: nil, value: interaction("1").value.map { String(decoding: $0, as: UTF8.self) }),
            "empty-key"
        ),
        (
            Sent(key: "bob", value: interaction("1").value.map { String(decoding: $0, as: UTF8.self) }),
            "key-mismatch"
        ),
        (Sent(key: "a", value: String(repeating: "x", count: 2_000_000)), "too-large"),
        (Sent(key: "a", value: nil), "no-value"),
    ]

    @Test func `every bad record is in the dead letters with its reason, and the good ones go through`()
        async throws
    {
        let fixture = try PipelineFixture()
        var broken = Sent(key: "a", value: nil)
        broken.value = Self.invalidUTF8
        let bad = Self.table.map(\.0) + [broken]
        let reasons = Self.table.map(\.reason) + ["invalid-utf8"]
        let sent = [interaction("first")] + bad + [interaction("last", customer: "zoe")]
        let (letters, vectors) = try await fixture.run {
            try await fixture.publish(sent)
            let letters = try await fixture.read(TopicName.deadLetters) { $0.count >= bad.count }
            let vectors = try await fixture.read(TopicName.affinityVectors) { $0.count >= 2 }
            return (letters, vectors)
        }
        #expect(letters.map { $0.headers[DeadLetterHeader.reason] } == reasons)
        #expect(letters.map(\.value) == bad.map(\.value))
        #expect(letters.map { $0.headers[DeadLetterHeader.offset] } == (1...bad.count).map(String.init))
        #expect(letters.allSatisfy { $0.headers[DeadLetterHeader.topic] == TopicName.interactions })
        #expect(vectors.map(\.key) == ["ada", "zoe"])
    }

    @Test func `a record's own headers stay with it`() async throws {
        let fixture = try PipelineFixture()
        let letters = try await fixture.run {
            try await fixture.publish([Sent(key: "a", value: "?", headers: [Header("trace", "42")])])
            return try await fixture.read(TopicName.deadLetters) { $0.count >= 1 }
        }
        #expect(letters.first?.headers["trace"] == "42")
    }

    @Test func `CloudEvents in both modes are taken`() async throws {
        let fixture = try PipelineFixture()
        let structured = #"""
            {"specversion":"1.0","id":"e1","source":"/shop","type":"purchase","subject":"ada",
             "time":"2026-01-05T00:00:00Z","data":{"region":"us-east"}}
            """#
        let binary = Sent(
            key: "bob", value: #"{"region":"us-west"}"#,
            headers: [
                Header("ce_specversion", "1.0"), Header("ce_id", "e2"), Header("ce_source", "/shop"),
                Header("ce_type", "browse"), Header("ce_subject", "bob"),
                Header("ce_time", "2026-01-05T01:00:00+01:00"),
            ])
        let vectors = try await fixture.run {
            try await fixture.publish([Sent(key: "ada", value: structured), binary])
            return try await fixture.read(TopicName.affinityVectors) { $0.count >= 2 }
        }
        #expect(vectors.map(\.key) == ["ada", "bob"])
        #expect(vectors.allSatisfy { $0.text.contains(#""time":1767571200000"#) })
    }
}
