import Contracts
import Testing

/// Which interactions are rejected, with which code and which place in the detail.
@Suite struct BadInteractionTests {
    /// A value, the code it is rejected with, and what the detail mentions.
    struct Bad: Sendable, CustomTestStringConvertible {
        var value: [UInt8]
        var reason: Rejection.Reason
        var mention: String

        init(_ value: String, _ reason: Rejection.Reason, _ mention: String) {
            self.init(Array(value.utf8), reason, mention)
        }

        init(_ value: [UInt8], _ reason: Rejection.Reason, _ mention: String) {
            self.value = value
            self.reason = reason
            self.mention = mention
        }

        var testDescription: String { String(decoding: value.prefix(120), as: UTF8.self) }
    }

    /// An interaction with one member replaced by `member`, or without it.
    static func with(_ name: String, _ member: String?) -> [UInt8] {
        var members = [
            ("id", #""id":"i""#), ("customer", #""customer":"c1""#), ("time", #""time":1"#),
            ("kind", #""kind":"k""#), ("region", #""region":"r""#),
        ]
        members.removeAll { $0.0 == name }
        if let member { members.append((name, member)) }
        return Array(("{" + members.map(\.1).joined(separator: ",") + "}").utf8)
    }

    static let notJSON: [Bad] = [
        Bad("", .malformedJSON, "byte 0"), Bad(" ", .malformedJSON, "byte 1"),
        Bad("null", .malformedJSON, "byte 0"),
        Bad("[]", .malformedJSON, "byte 0"), Bad("{", .malformedJSON, "byte 1"),
        Bad("\0", .malformedJSON, "byte 0"),
        Bad("\u{FEFF}{}", .malformedJSON, "byte 0"), Bad("{}x", .malformedJSON, "byte 2"),
        Bad("{} {}", .malformedJSON, "byte 3"), Bad("{,}", .malformedJSON, "byte 1"),
        Bad(#"{"a":1,}"#, .malformedJSON, "byte 7"), Bad(#"{"a" 1}"#, .malformedJSON, "byte 5"),
        Bad(#"{"a":}"#, .malformedJSON, "byte 5"), Bad(#"{"a":1 "b":2}"#, .malformedJSON, "byte 7"),
        Bad(#"{'a':1}"#, .malformedJSON, "byte 1"), Bad(#"{a:1}"#, .malformedJSON, "byte 1"),
        Bad(#"{"a":[1,]}"#, .malformedJSON, "byte 8"), Bad(#"{"a":[1}"#, .malformedJSON, "byte 7"),
        Bad(#"{"a":tru}"#, .malformedJSON, "byte 5"), Bad(#"{"a":nul"#, .malformedJSON, "byte 5"),
        Bad(#"{"a":True}"#, .malformedJSON, "byte 5"), Bad(#"{"a":NaN}"#, .malformedJSON, "byte 5"),
        Bad(#"{"a":01}"#, .malformedJSON, "must not start with 0"),
        Bad(#"{"a":-}"#, .malformedJSON, "byte 6"),
        Bad(#"{"a":+1}"#, .malformedJSON, "byte 5"), Bad(#"{"a":.5}"#, .malformedJSON, "byte 5"),
        Bad(#"{"a":1.}"#, .malformedJSON, "byte 7"), Bad(#"{"a":1e}"#, .malformedJSON, "byte 7"),
        Bad(#"{"a":1e+}"#, .malformedJSON, "byte 8"), Bad(#"{"a":0x1}"#, .malformedJSON, "byte 6"),
        Bad("{\"a\":\"\n\"}", .malformedJSON, "control character stands at byte 6"),
        Bad("{\"a\":\"\u{1f}12345678\"}", .malformedJSON, "byte 6"),
        Bad(#"{"a":"\x"}"#, .malformedJSON, "byte 6"), Bad(#"{"a":"\u12g4"}"#, .malformedJSON, "byte 6"),
        Bad(#"{"a":"\ud800"}"#, .malformedJSON, "lone surrogate stands at byte 6"),
        Bad(#"{"a":"\udc00"}"#, .malformedJSON, "lone surrogate"),
        Bad(#"{"a":"\ud800\u0041"}"#, .malformedJSON, "lone surrogate"),
        Bad(#"{"a":"\ud800\ud800"}"#, .malformedJSON, "lone surrogate"),
        Bad(#"{"\ud800":1}"#, .malformedJSON, "lone surrogate"),
        Bad("{\"a\":\(String(repeating: "[", count: 32))", .malformedJSON, "too deep at byte 36"),
        Bad(String(repeating: "[", count: 100_000), .malformedJSON, "byte 0"),
        Bad(#"{"a":"# + String(repeating: #"{"a":"#, count: 100_000), .malformedJSON, "too deep"),
    ]

    static let notUTF8: [Bad] = [
        Bad(Array(#"{"a":""#.utf8) + [0xFF] + Array(#""}"#.utf8), .invalidUTF8, "byte 6"),
        Bad(Array(#"{"a":""#.utf8) + [0xC0, 0x80] + Array(#""}"#.utf8), .invalidUTF8, "byte 6"),
        Bad(Array(#"{"a":"é"#.utf8) + [0xED, 0xA0, 0x80] + Array(#""}"#.utf8), .invalidUTF8, "byte 8"),
        Bad(Array(#"{"a":""#.utf8) + [0xE2, 0x82], .invalidUTF8, "byte 6"),
        Bad([0xFF, 0xFE], .invalidUTF8, "byte 0"),
    ]

    static let badFields: [Bad] = [
        Bad("{}", .missingField, "id is missing"),
        Bad(with("customer", nil), .missingField, "customer"), Bad(with("time", nil), .missingField, "time"),
        Bad(with("kind", nil), .missingField, "kind"), Bad(with("region", nil), .missingField, "region"),
        Bad(with("id", #""id":"""#), .missingField, "id at byte"),
        Bad(with("id", #""id":null"#), .missingField, "id"),
        Bad(with("time", #""time":null"#), .missingField, "time"),
        Bad(with("id", #""id\u0000":"i""#), .missingField, "id"),
        Bad(with("id", #""Id":"i""#), .missingField, "id"),
        Bad(with("id", #""id":"i","id":null"#), .missingField, "id"),
        Bad(with("id", #""id":7"#), .invalidField, "id at byte"),
        Bad(with("id", "\"id\":\"\(String(repeating: "i", count: 257))\""), .invalidField, "257"),
        Bad(with("region", #""region":["r"]"#), .invalidField, "region"),
        Bad(with("domain", #""domain":1"#), .invalidField, "domain"),
        Bad(with("product", #""product":{}"#), .invalidField, "product"),
        Bad(with("op", #""op":"delete""#), .invalidField, "op"),
        Bad(with("op", #""op":1"#), .invalidField, "op"),
        Bad(with("op", #""op":"read\u0000""#), .invalidField, "op"),
        Bad(with("customer", #""customer":"c2""#), .keyMismatch, "byte"),
        Bad(with("customer", #""customer":"c11""#), .keyMismatch, "byte"),
    ]

    static let badNumbers: [Bad] =
        [
            "-1", "1.5", "1e-1", "true", "1e400", "253402300800000", "9223372036854775808",
            "99999999999999999999999",
            "1e18446744073709551616", #""""#, #""1270000000000""#, #""1969-12-31T23:59:59Z""#,
            #""yesterday""#, "{}",
        ].map { Bad(with("time", "\"time\":\($0)"), .invalidField, "time at byte") }
        + [
            "-1", "1.5", "1e16", "9007199254740992", "18446744073709551617", "-9223372036854775809", #""1""#,
            "[]",
        ].map { Bad(with("bytes", "\"bytes\":\($0)"), .invalidField, "bytes at byte") }

    @Test(arguments: notJSON + notUTF8 + badFields + badNumbers)
    func rejected(_ bad: Bad) throws {
        let rejection = try #require(rejection { () throws(Rejection) in _ = try decode(bad.value) })
        #expect(rejection.reason == bad.reason, "\(rejection)")
        #expect(rejection.detail.contains(bad.mention), "\(rejection)")
    }

    @Test func keysAndValuesThatAreNotThere() {
        let none: [UInt8]? = nil
        #expect(rejection { () throws(Rejection) in _ = try decode(none) }?.reason == .noValue)
        for key in [nil, ""] {
            let rejected = rejection { () throws(Rejection) in _ = try decode(fullInteraction, key: key) }
            #expect(rejected?.reason == .emptyKey)
        }
    }

    @Test func theSizeIsCheckedBeforeAnythingElse() {
        let large = [UInt8](repeating: 0xFF, count: InteractionLimits().maximumValueBytes + 1)
        #expect(rejection { () throws(Rejection) in _ = try decode(large, key: nil) }?.reason == .tooLarge)
    }

    @Test func theKeyOfMarksIsNoCustomer() {
        let value = Self.with("customer", #""customer":"\u0000mark""#)
        let rejected = rejection { () throws(Rejection) in _ = try decode(value, key: Mark.reservedKey) }
        #expect(rejected?.reason == .invalidField)
    }
}
