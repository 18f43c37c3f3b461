import Contracts
import Testing

@Suite struct RoutingRecordTests {
    @Test func `an outcome is read as it was written`() throws {
        let outcome = RoutingOutcome(
            decision: "d", customer: Array("ü\"1".utf8), experiment: "e", variant: "near", cell: "a",
            partition: "eu-west", time: 5, latencyMicros: 7, isError: true, isRemote: true)
        var writer = JSONWriter()
        outcome.encode(into: &writer)
        let bytes = writer.bytes
        #expect(try RoutingOutcome(decoding: bytes.span.bytes) == outcome)
    }

    @Test func `an outcome without what is optional is outside of experiments, no error and not remote`()
        throws
    {
        let text =
            #"{"decision":"d","customer":"c","variant":"none","partition":"p","time":5,"latencyMicros":7,"x":1}"#
        let outcome = try RoutingOutcome(decoding: text.utf8Span.span.bytes)
        #expect(
            outcome
                == RoutingOutcome(
                    decision: "d", customer: Array("c".utf8), partition: "p", time: 5, latencyMicros: 7))
    }

    @Test func `an exposure is read as it was written`() throws {
        for cell in [nil, "a"] {
            let exposure = RoutingExposure(
                experiment: "e", customer: Array("c".utf8), variant: "near", cell: cell, time: 5)
            var writer = JSONWriter()
            exposure.encode(into: &writer)
            let bytes = writer.bytes
            #expect(try RoutingExposure(decoding: bytes.span.bytes) == exposure)
        }
    }

    @Test func `a decision's name says when it was made`() {
        let name = DecisionName.text(instance: 77, number: 3, time: 1_767_605_400_250)
        #expect(name == "d-25-3-\(String(1_767_605_400_250, radix: 36))")
        #expect(DecisionName.time(name) == 1_767_605_400_250)
        for other in ["", "d", "d-1-2", "d-1-2-", "e-1-2-3", "d-1-2--3", "d-1-2-zzzzzzzzzzzz"] {
            #expect(DecisionName.time(other) == nil, "\(other)")
        }
    }

    @Test(arguments: [
        (0.0, "0"), (0.5, "0.5"), (-0.031, "-0.031"), (12.000_001, "12.000001"), (1.000_000_4, "1"),
        (.nan, "null"), (123_456.5, "123456.5"), (0.000_001, "0.000001"), (-0.716_05, "-0.71605"),
        (9.999_999, "9.999999"),
    ])
    func `a number has at most six decimals`(value: Double, text: String) {
        var writer = JSONWriter()
        writer.decimal(value)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == text)
    }
}
