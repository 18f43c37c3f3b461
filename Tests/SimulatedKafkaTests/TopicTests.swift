import Kafka
import SimulatedKafka
import Testing

@Suite struct TopicTests {
    let model = makeModel()

    func reason(_ given: [String: String]) -> String? {
        do throws(TopicSettings.Invalid) {
            _ = try TopicSettings(given)
            return nil
        } catch { return error.description }
    }

    @Test func `settings are Kafka's by default and say so`() throws {
        let entries = TopicSettings().entries
        #expect(entries.map(\.name) == entries.map(\.name).sorted())
        let retention = try #require(entries.first { $0.name == "retention.ms" })
        #expect(retention.value == "604800000" && retention.isDefault && retention.kind == .long)
        for entry in entries { #expect(reason([entry.name: entry.value]) == nil) }
        let given = try TopicSettings(["cleanup.policy": "compact, delete", "segment.bytes": "1000"])
        #expect(given.isCompacted && given.deletesOld)
        #expect(given.entries.filter { !$0.isDefault }.map(\.name) == ["cleanup.policy", "segment.bytes"])
    }

    @Test func `what is no setting is refused with the reason`() {
        #expect(reason(["retention": "1"]) == "Unknown topic config name: retention")
        #expect(
            reason(["retention.ms": "-2"])
                == "Invalid value -2 for configuration retention.ms: Value must be at least -1")
        #expect(
            reason(["segment.bytes": "3000000000"])
                == "Invalid value 3000000000 for configuration segment.bytes: Not a number of type INT")
        #expect(
            reason(["cleanup.policy": "shred"])
                == "Invalid value shred for configuration cleanup.policy: String must be one of: compact, delete"
        )
        #expect(reason(["preallocate": "maybe"])?.hasSuffix("either true or false") == true)
        #expect(reason(["min.cleanable.dirty.ratio": "1.5"])?.hasSuffix("no more than 1") == true)
        #expect(reason(["min.compaction.lag.ms": "9", "max.compaction.lag.ms": "8"]) != nil)
    }

    @Test func `settings change one by one`() throws {
        let settings = try TopicSettings(["retention.ms": "5"]).applying([
            .append("cleanup.policy", "compact"), .delete("retention.ms"), .set("retention.bytes", "7"),
        ])
        #expect(settings.given == ["cleanup.policy": "delete,compact", "retention.bytes": "7"])
        #expect(try settings.applying([.subtract("cleanup.policy", "delete")]).deletesOld == false)
        #expect(throws: TopicSettings.Invalid.self) { try settings.applying([.append("retention.ms", "1")]) }
    }

    @Test func `topics have well-formed names of their own, and a number that never comes again`() throws {
        let settings = TopicSettings()
        for name in ["", ".", "..", "a b", "ä", String(repeating: "x", count: 250)] {
            let refused = code { try model.createTopic(name, topicPartitions: 1, settings: settings) }
            #expect(refused == .invalidTopic, "\(name)")
        }
        #expect(
            code { try model.createTopic("in", topicPartitions: 1, settings: settings) }
                == .topicAlreadyExists)
        #expect(
            code { try model.createTopic("a", topicPartitions: 0, settings: settings) } == .invalidPartitions)
        try model.createTopic("a.b", topicPartitions: 1, settings: settings)
        #expect(
            code { try model.createTopic("a_b", topicPartitions: 1, settings: settings) } == .invalidTopic)
        let number = try #require(model.number(of: "a.b"))
        try model.deleteTopic("a.b")
        try model.createTopic("a.b", topicPartitions: 1, settings: settings)
        #expect(try #require(model.number(of: "a.b")) > number)
    }

    @Test func `a topic that is deleted takes its records and its offsets along`() throws {
        model.append(zero, "a")
        try model.commitOffsets([zero: 1, TopicPartition("out", 0): 2], group: "g")
        try model.deleteTopic("in")
        #expect(code { try model.deleteTopic("in") } == .unknownTopicOrPartition)
        #expect(model.committedOffsets("g").offsets.keys.map(\.topic) == ["out"])
        model.createTopic("in", topicPartitions: 2)
        #expect(try model.values(zero) == [])
    }

    @Test func `a topic can grow but not shrink`() throws {
        #expect(code { try model.addTopicPartitions(to: "in", count: 2) } == .invalidPartitions)
        model.append(zero, "a")
        try model.addTopicPartitions(to: "in", count: 3)
        model.append(TopicPartition("in", 2), "b")
        #expect(model.topicPartitionCounts["in"] == 3)
        #expect(try model.values(zero) == ["a"])
    }

    @Test func `a batch may be as big as its topic says`() throws {
        let batch = TextBatch.encode([("k", "v")])
        try model.alterSettings(of: "in", to: TopicSettings(["max.message.bytes": "\(batch.bytes.count)"]))
        try model.produce(batch, to: zero)
        try model.alterSettings(of: "in", to: TopicSettings(["max.message.bytes": "1"]))
        #expect(code { try model.produce(batch, to: zero) } == .messageTooLarge)
    }

    @Test func `records are found by time, which is that of their arrival if the topic says so`() throws {
        for time in [100, 50, 200] as [Int64] {
            try model.produce(TextBatch.encode([("k", "v")], at: time), to: zero)
        }
        #expect(try model.entry(at: 60, in: zero)?.offset == 0)
        #expect(try model.entry(at: 101, in: zero)?.offset == 2)
        #expect(try model.entry(at: 201, in: zero) == nil)
        #expect(try model.newestEntry(in: zero)?.offset == 2)
        #expect(try model.newestEntry(in: one) == nil)
        model.advance(to: 1_000)
        try model.alterSettings(of: "in", to: TopicSettings(["message.timestamp.type": "LogAppendTime"]))
        try model.produce(TextBatch.encode([("k", "v")], at: 10), to: zero)
        let newest = try #require(try model.newestEntry(in: zero))
        #expect(newest.offset == 3 && newest.timestamp == 1_000 && newest.hasAppendTime)
    }
}
