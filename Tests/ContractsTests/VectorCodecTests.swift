import Contracts
import Testing

/// `affinity-vectors`: written by the updater, read by the trend aggregator.
@Suite struct VectorCodecTests {
    private let names = ["north", "so\"uth\\", "öst/sales"]

    private func change() -> VectorChange {
        var change = VectorChange(partitions: 3)
        change.sequence = 7
        change.time = 1_767_605_400_250
        change.home = 1
        change.stage = .churnRisk
        change.after.next = [1_234, 8_766, 0]
        change.after.share = [0, 500, 9_500]
        change.after.high = [1, 2]
        change.after.rateMilli = 1_500
        change.after.volume = 123_456
        return change
    }

    private func encode(_ change: VectorChange, customer: String = "c\n1") throws -> [UInt8] {
        var writer = JSONWriter()
        change.encode(
            customer: customer.utf8Span.span.bytes,
            cause: Cause(topic: TopicName.interactions, topicPartition: 3, offset: 42),
            model: #""m-1""#.utf8Span.span.bytes,
            names: PartitionNames(try PartitionMap(names)), into: &writer)
        return writer.bytes
    }

    private static let after =
        #"{"next":{"north":0.1234,"so\"uth\\":0.8766},"share":{"so\"uth\\":0.05,"öst/sales":0.95},"#
        + #""high":["so\"uth\\","öst/sales"],"rate":1.5,"volume":123456}"#

    @Test func theShapeIsTheContracts() throws {
        let head =
            #"{"customer":"c\n1","sequence":7,"time":1767605400250,"home":"so\"uth\\","stage":"churn-risk","#
        let tail = #","model":"m-1","cause":{"topic":"interactions","topicPartition":3,"offset":42}}"#
        var change = change()
        #expect(
            String(decoding: try encode(change), as: UTF8.self)
                == head + #""before":null,"after":"# + Self.after + tail)
        change.hasBefore = true
        change.before.next = [10_000, 0, 0]
        let before = #""before":{"next":{"north":1},"share":{},"high":[],"rate":0,"volume":0}"#
        #expect(
            String(decoding: try encode(change), as: UTF8.self) == head + before + #","after":"# + Self.after
                + tail)
    }

    @Test func theSummaryIsWhatWasWritten() throws {
        var decoder = VectorSummaryDecoder(partitions: try PartitionMap(names))
        for customer in ["c\n1", "plain"] {  // the second time over what the first one left
            let value = try encode(change(), customer: customer)
            try decoder.decode(value.span.bytes)
            #expect(decoder.withCustomer(in: value.span.bytes) { text($0) } == customer)
            #expect(decoder.sequence == 7)
            #expect(decoder.time == 1_767_605_400_250)
            #expect(decoder.home == 1)
            #expect(decoder.high == [1, 2])
            #expect(decoder.shares.map(\.partition) == [1, 2])
            #expect(decoder.shares.map(\.units) == [500, 9_500])
            #expect(decoder.rateMilli == 1_500)
            #expect(decoder.volume == 123_456)
        }
    }

    @Test func truncationsAreRejectedAtEveryByte() throws {
        var decoder = VectorSummaryDecoder(partitions: try PartitionMap(names))
        let value = try encode(change())
        for count in 0..<value.count {
            let part = Array(value.prefix(count))
            #expect(throws: Rejection.self, "the first \(count) bytes") {
                try decoder.decode(part.span.bytes)
            }
        }
    }

    @Test(arguments: [
        ("c\\n1", "", Rejection.Reason.invalidField), (#""sequence":7"#, #""sequence":-7"#, .invalidField),
        (#""sequence":7,"#, "", .missingField), ("1767605400250", "-1", .invalidField),
        (#""home":"so\"uth\\""#, #""home":"west""#, .unknownPartition),
        (#""home":"so\"uth\\","#, "", .missingField),
        (#""after""#, #""later""#, .missingField), ("0.95", "0.9501", .invalidField),
        ("0.95", "-0.1", .invalidField),
        ("0.95", "1e9", .invalidField), ("0.95", #""0.95""#, .invalidField),
        (#""rate":1.5"#, #""rate":-1"#, .invalidField),
        (#""volume":123456"#, #""volume":1.5"#, .invalidField), (#","volume":123456"#, "", .missingField),
        (#""öst/sales":0.95"#, #""so\"uth\\":0.95"#, .invalidField),
        (#""high":["so\"uth\\","#, #""high":["west","#, .unknownPartition),
        (#""high":["so\"uth\\","#, #""high":[1,"#, .invalidField),
        (#""high":["#, #""high":{"#, .malformedJSON),
    ])
    func rejected(part: String, replacement: String, reason: Rejection.Reason) throws {
        var decoder = VectorSummaryDecoder(partitions: try PartitionMap(names))
        let good = String(decoding: try encode(change()), as: UTF8.self)
        let bad = good.replacing(part, with: replacement)
        #expect(bad != good)
        let rejected = rejection { () throws(Rejection) in try decoder.decode(bad.utf8Span.span.bytes) }
        #expect(rejected?.reason == reason, "\(String(describing: rejected))")
    }
}
