import Contracts
import Testing

/// Interactions as CloudEvents 1.0.2, structured and binary.
@Suite struct CloudEventTests {
    private let envelope =
        #""specversion":"1.0","id":"e","source":"/s","subject":"c1","type":"k","time":"2010-03-31T01:46:40Z""#

    private func decodeText(
        _ value: String, key: String = "c1", cloudEvent: CloudEventAttributes? = nil
    ) throws(Rejection) -> PlainInteraction {
        try decode(Array(value.utf8), key: key, cloudEvent: cloudEvent)
    }

    @Test(arguments: ["%E,%D", "%D,%E"])
    func theEnvelopeFillsInWhatDataLacks(order: String) throws {
        let data = #""data":{"region":"r","bytes":7,"op":"read"}"#
        let value = order.replacing("%E", with: envelope).replacing("%D", with: data)
        let expected = PlainInteraction(
            id: "e", customer: "c1", kind: "k", region: "r", time: 1_270_000_000_000, bytes: 7,
            operation: .read)
        #expect(try decodeText("{\(value)}") == expected)
    }

    @Test func dataComesFirst() throws {
        let data = #"{"id":"d","customer":"c2","time":5,"kind":"p","region":"r"}"#
        let expected = PlainInteraction(id: "d", customer: "c2", kind: "p", region: "r", time: 5)
        #expect(try decodeText("{\(envelope),\"data\":\(data)}", key: "c2") == expected)
    }

    @Test func escapesInBothPartsAreResolved() throws {
        let value = envelope.replacing("c1", with: #"\u0063\u0031"#)
        #expect(try decodeText(#"{\#(value),"data":{"region":"\u0072","id":null}}"#).customer == "c1")
    }

    @Test(arguments: [
        (#""data_base64":"e30=""#, Rejection.Reason.invalidField, "data_base64"),
        (#""data":"{}""#, .invalidField, "data"), (#""data":[]"#, .invalidField, "data"),
        (#""x":1"#, .missingField, "data"), (#""data":null"#, .missingField, "data"),
        (#""data":{}"#, .missingField, "region"), (#""data":{"region":"r","id":4}"#, .invalidField, "id"),
    ])
    func rejectedInStructuredMode(data: String, reason: Rejection.Reason, mention: String) throws {
        let rejected = rejection { () throws(Rejection) in _ = try decodeText("{\(envelope),\(data)}") }
        #expect(rejected?.reason == reason)
        #expect(try #require(rejected).detail.contains(mention))
    }

    @Test func attributesFillInWhatTheValueLacks() throws {
        let attributes = CloudEventAttributes(
            id: Array("e".utf8), subject: Array("ü".utf8), time: Array("2010-03-31T01:46:40Z".utf8),
            type: Array("k".utf8))
        let expected = PlainInteraction(
            id: "e", customer: "ü", kind: "k", region: "r", time: 1_270_000_000_000)
        #expect(try decodeText(#"{"region":"\u0072"}"#, key: "ü", cloudEvent: attributes) == expected)
        #expect(try decode(fullInteraction, cloudEvent: attributes) == decode(fullInteraction))
    }

    @Test func attributesAreCheckedAsMembersAre() {
        func reason(_ attributes: CloudEventAttributes) -> Rejection.Reason? {
            let value = #"{"customer":"c1","kind":"k","region":"r","time":1}"#
            return rejection { () throws(Rejection) in _ = try decodeText(value, cloudEvent: attributes) }?
                .reason
        }
        #expect(reason(CloudEventAttributes()) == .missingField)
        #expect(reason(CloudEventAttributes(id: [])) == .missingField)
        #expect(reason(CloudEventAttributes(id: [0xFF])) == .invalidUTF8)
        #expect(reason(CloudEventAttributes(id: Array(repeating: 0x61, count: 257))) == .invalidField)
        #expect(reason(CloudEventAttributes(id: [0x61], time: [0x61])) == nil)
    }
}
