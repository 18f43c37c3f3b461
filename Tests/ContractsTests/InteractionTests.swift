import Contracts
import Testing

/// Which interactions are accepted and what they say.
@Suite struct InteractionTests {
    @Test func everyFieldIsRead() throws {
        let expected = PlainInteraction(
            id: "e-1", customer: "c1", kind: "purchase", region: "europe-west", domain: "billing",
            product: "p-7", time: 1_767_605_400_250, bytes: 16_384, operation: .write)
        #expect(try decode(fullInteraction) == expected)
    }

    static let minimal = PlainInteraction(
        id: "i", customer: "c1", kind: "k", region: "r", time: 1_270_000_000_000)

    /// Different ways to write the same interaction.
    @Test(arguments: [
        #"{"id":"i","customer":"c1","time":1270000000000,"kind":"k","region":"r"}"#,
        " {\n\t\"region\" : \"r\" ,\r\n\"kind\":\"k\",\"time\":1270000000000,\"customer\":\"c1\",\"id\":\"i\"} \n",
        #"{"id":"i","customer":"c1","time":1.27e12,"kind":"k","region":"r"}"#,
        #"{"id":"i","customer":"c1","time":127000000000000e-2,"kind":"k","region":"r"}"#,
        #"{"id":"i","customer":"c1","time":1270000000000.000,"kind":"k","region":"r"}"#,
        #"{"id":"i","customer":"c1","time":"2010-03-31T01:46:40Z","kind":"k","region":"r"}"#,
        #"{"id":"i","customer":"c1","time":"2010-03-31T03:46:40\u002b02:00","kind":"k","region":"r"}"#,
        #"{"i\u0064":"\u0069","customer":"\u0063\u0031","time":1270000000000,"kind":"k","region":"r"}"#,
        #"{"id":"i","customer":"c1","time":1270000000000,"kind":"k","region":"r","x":{"id":[{}]},"y":"\n"}"#,
        #"{"id":"old","id":"i","customer":"c1","time":1270000000000,"kind":"k","region":1,"region":"r"}"#,
        #"{"id":"i","customer":"c1","time":1270000000000,"kind":"k","region":"r","domain":null,"op":null}"#,
        #"{"id":"i","customer":"c1","time":1270000000000,"kind":"k","region":"r","domain":"","product":""}"#,
        #"{"id":"i","customer":"c1","time":1270000000000,"kind":"k","region":"r","bytes":0e9}"#,
        #"{"id":"i","customer":"c1","time":1270000000000,"kind":"k","region":"r","bytes":-0}"#,
        #"{"id":"i","customer":"c1","time":1270000000000,"kind":"k","region":"r","specversion":1}"#,
    ])
    func accepted(value: String) throws {
        #expect(try decode(Array(value.utf8)) == Self.minimal)
    }

    @Test func escapesAreResolvedInPlace() throws {
        let value =
            #"{"id":"\"\\\/\b\f\n\r\t","customer":"Ä\u00e9\ud83d\ude00 ","time":1,"kind":"k\u0000","region":"r"}"#
        let plain = try decode(Array(value.utf8), key: "Äé😀 ")
        #expect(plain.id == "\"\\/\u{8}\u{c}\n\r\t")
        #expect(plain.customer == "Äé😀 ")
        #expect(plain.kind == "k\0")
    }

    @Test func aDecoderForgetsThePreviousRecord() throws {
        var decoder = InteractionDecoder(limits: InteractionLimits())
        let escaped = Array(#"{"id":"\u0069","customer":"c2","time":9,"kind":"k","region":"r"}"#.utf8)
        _ = try decode(escaped, key: "c2", with: &decoder)
        #expect(try decode(fullInteraction, key: "c1", with: &decoder) == decode(fullInteraction))
        let other = Array(#"{"region":"\u0072","id":"j","customer":"c3","time":9,"kind":"k"}"#.utf8)
        #expect(try decode(other, key: "c3", with: &decoder).region == "r")
        #expect(try decode(escaped, key: "c2", with: &decoder).id == "i")
    }

    @Test func limitsAreInclusive() throws {
        var limits = InteractionLimits()
        limits.maximumValueBytes = fullInteraction.count
        limits.maximumIdBytes = 3
        limits.maximumCustomerBytes = 2
        limits.maximumDepth = 1
        #expect(throws: Never.self) { try decode(fullInteraction, limits: limits) }
        #expect(try rejected(fullInteraction, limits) { $0.maximumValueBytes -= 1 } == .tooLarge)
        #expect(try rejected(fullInteraction, limits) { $0.maximumIdBytes -= 1 } == .invalidField)
        #expect(try rejected(fullInteraction, limits) { $0.maximumCustomerBytes -= 1 } == .invalidField)
        #expect(try rejected(fullInteraction, limits) { $0.maximumDepth -= 1 } == .malformedJSON)
    }

    private func rejected(
        _ value: [UInt8], _ limits: InteractionLimits, _ change: (inout InteractionLimits) -> Void
    ) throws -> Rejection.Reason {
        var limits = limits
        change(&limits)
        return try #require(rejection { () throws(Rejection) in _ = try decode(value, limits: limits) })
            .reason
    }

    @Test func timesUpToTheToleranceAreNotInTheFuture() throws {
        let published: EventTime = 1_767_605_400_250 - InteractionLimits().futureTolerance
        #expect(throws: Never.self) { try decode(fullInteraction, published: published) }
        #expect(throws: Never.self) { try decode(fullInteraction, published: .max) }
        let late = rejection { () throws(Rejection) in
            _ = try decode(fullInteraction, published: published - 1)
        }
        #expect(late?.reason == .futureTime)
    }
}
