import Affinity
import Contracts
import Kafka
import Pipeline
import Testing

@testable import foreshadow

@Suite struct AccessCollectorTests {
    private func record(
        _ number: Int32, _ offset: Int64, _ customer: String, at time: Int64, region: String = "us-east",
        kind: String = "browse"
    ) -> StoredRecord {
        let value =
            #"{"id":"\#(customer)-\#(time)","customer":"\#(customer)","time":\#(time),"kind":"\#(kind)","#
            + #""region":"\#(region)"}"#
        return StoredRecord(
            place: TopicPartition(TopicName.interactions, number), offset: offset, timestamp: time,
            key: Array(customer.utf8), value: Array(value.utf8))
    }

    private func collector(_ records: [StoredRecord], limit: Int = 100) throws -> AccessCollector {
        var collector = AccessCollector(
            PipelineConfiguration(), try PartitionMap(["us-east", "eu-west"]), limit: limit)
        let batch = MessageBatch(
            records.map { .record($0) }, topics: [StoredTopic(TopicName.interactions)])
        for i in 0..<batch.count { try collector.add(batch.record(at: i)) }
        return collector
    }

    private func times(_ records: [StoredRecord], part: Double = 1) throws -> [Int64] {
        try collector(records).collected(part: part, namesMax: 9, source: "").accesses.map(\.access.time)
    }

    @Test func `topic partitions are merged by event time, and late accesses stay late`() throws {
        let records = [
            record(0, 0, "a", at: 1_000), record(0, 1, "a", at: 5_000), record(0, 2, "b", at: 2_000),
            record(0, 3, "b", at: 9_000), record(1, 0, "c", at: 4_000), record(1, 1, "c", at: 6_000),
        ]
        #expect(try times(records) == [1_000, 4_000, 5_000, 2_000, 6_000, 9_000])
        #expect(try times(records, part: 0.5) == [1_000, 4_000, 5_000])
    }

    @Test func `who was forgotten is not learned from, but what came after is`() throws {
        let tombstone = StoredRecord(
            place: TopicPartition(TopicName.interactions, 0), offset: 2, timestamp: 3_000,
            key: Array("a".utf8), value: nil,
            headers: [Header(CopiedRecord.headerName, TopicName.customers)])
        let before = [record(0, 0, "a", at: 1_000), record(0, 1, "b", at: 2_000)]
        #expect(try times(before + [tombstone]) == [2_000])
        #expect(try times(before + [tombstone, record(0, 3, "a", at: 4_000)]) == [2_000, 4_000])
    }

    @Test func `marks are passed over, and what the updater could not use is counted`() throws {
        let mark = StoredRecord(
            place: TopicPartition(TopicName.interactions, 0), offset: 1, timestamp: 0, key: nil, value: nil,
            headers: [Header(Mark.headerName, Mark.idle.text)])
        let model = StoredRecord(
            place: TopicPartition(TopicName.interactions, 0), offset: 2, timestamp: 0, key: nil,
            value: [1, 2], headers: [Header(Mark.headerName, Mark.model)])
        let collected = try collector([
            record(0, 0, "a", at: 1_000), mark, model, record(0, 3, "a", at: 2_000, region: "mars"),
        ])
        #expect(collected.rejected == 1)
        #expect(collected.collected(part: 1, namesMax: 9, source: "").accesses.count == 1)
    }

    @Test func `the network knows the most frequent names, and of equals the first`() throws {
        let kinds = ["browse", "return", "return", "audit", "purchase", "return", "purchase"]
        let records = kinds.enumerated().map {
            record(0, Int64($0), "a", at: Int64($0 + 1), region: $0 < 6 ? "eu-west" : "us-east", kind: $1)
        }
        func names(_ limit: Int, part: Double = 1) throws -> [String] {
            try collector(records).collected(part: part, namesMax: limit, source: "").names.kinds
        }
        #expect(try names(9) == ["audit", "browse", "purchase", "return"])
        #expect(try names(3) == ["audit", "purchase", "return"])
        #expect(try names(1, part: 0.2) == ["browse"])
        let all = try collector(records).collected(part: 0.8, namesMax: 9, source: "").names
        #expect(all.regions == ["eu-west"], "names are those of the part that is trained on")
        #expect(all.partitions == ["us-east", "eu-west"], "partitions are all that there are")
    }

    @Test func `more accesses than are allowed are refused`() throws {
        let records = (0..<3).map { record(0, Int64($0), "a", at: Int64($0)) }
        #expect(try collector(records, limit: 3).rejected == 0)
        let failure = #expect(throws: CommandFailure.self) { try collector(records, limit: 2) }
        #expect(failure?.description.contains("more than 2 accesses") == true)
        #expect(TrainingInput.Extent(part: 0.3, accessesMax: 10).readMax == 34)
    }
}
