import Contracts
import Testing

/// Marks, codes and names that other programs rely on.
@Suite struct MarkTests {
    @Test(arguments: [
        Mark.idle, .completeThrough(0), .completeThrough(1_767_605_400_250),
        .completeThrough(253_402_300_799_999),
    ])
    func marksRoundTrip(mark: Mark) {
        #expect(Mark(mark.text) == mark)
    }

    @Test(arguments: [
        "", " ", Mark.model, "Idle", "idle ", "+5", "007", "-0", "1.5", "1e3", "9223372036854775808", "0x10",
        "-1", "-60000",
        "253402300800000",
    ])
    func garbageIsNoMark(text: String) {
        #expect(Mark(text) == nil)
    }

    @Test func theCodesOfRejections() {
        let codes = Rejection.Reason.allCases.map(\.rawValue)
        #expect(
            codes == [
                "malformed-json", "missing-field", "invalid-field", "invalid-utf8", "too-large",
                "unknown-partition", "empty-key", "key-mismatch", "future-time", "no-value",
                "bad-model", "order-refused",
            ])
    }

    @Test func topicNamesAreLegalAndDifferent() {
        #expect(Set(TopicName.all).count == 20)
        for name in TopicName.all {
            #expect(name.allSatisfy { $0 == "-" || ("a"..."z").contains($0) }, "\(name)")
        }
    }
}
