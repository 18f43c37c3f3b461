import Affinity
import Contracts
import Kafka
import Pipeline
import Streams
import Testing

@Suite struct ModelSwitchTests {
    private typealias Stand = UpdaterStand

    /// Interactions at the offsets of a range, but for those where something else stands.
    private func log(_ offsets: Range<Int64>, _ others: [StoredRecord] = []) -> [StoredRecord] {
        let places = Set(others.map(\.offset))
        return (offsets.filter { !places.contains($0) }.map { Stand.interaction($0) } + others)
            .sorted { $0.offset < $1.offset }
    }

    /// What the vectors say made them, each spell once.
    private func spells(_ made: [Stand.Made]) throws -> [String] {
        var spells: [String] = []
        for vector in made where vector.output == Stand.vectors {
            let value = try #require(vector.value)
            let model = try #require(try JSONValue(parsing: value.span.bytes)["model"]?.text)
            if spells.last != model { spells.append(model) }
        }
        return spells
    }

    @Test func `vectors are made with the model from its mark on, and name it`() throws {
        let (spring, summer) = (try Stand.model("spring"), try Stand.model("summer \"26\"", units: 16))
        var stand = try Stand()
        try stand.apply(
            log(
                0..<400,
                [
                    Stand.mark(100, spring.encoded()), Stand.mark(200, summer.encoded()),
                    Stand.mark(300, nil),
                ]))
        #expect(
            try spells(stand.made) == [
                "mixture-2", "mixture-2+\(spring.label)", "mixture-2+\(summer.label)", "mixture-2",
            ])
        #expect(stand.dead == [])
        #expect(stand.report.records == 397)
        #expect(stand.report.model == "mixture-2")
        var plain = try Stand()
        try plain.apply(log(0..<400, [Stand.mark(100, nil)]))
        let values = stand.made.map(\.text).map { $0.replacing("+\(spring.label)", with: "") }
        #expect(values.prefix(20) == plain.made.map(\.text).prefix(20))
        #expect(values != plain.made.map(\.text))
    }

    @Test func `the model that is in use may be activated again`() throws {
        let file = try Stand.model("spring").encoded()
        let (once, twice) = ([Stand.mark(50, file)], [Stand.mark(50, file), Stand.mark(150, file)])
        var (first, second) = (try Stand(), try Stand())
        try first.apply(log(0..<300, once).filter { $0.offset != 150 })
        try second.apply(log(0..<300, twice))
        #expect(first.made == second.made)
    }

    @Test(arguments: [Int64(60), 99, 100, 101, 130, 199, 200, 201, 250, 299, 300, 301])
    func `a task that is restored before or after a mark goes on to the same bytes`(cut: Int64) throws {
        let (spring, summer) = (try Stand.model("spring"), try Stand.model("summer", units: 16))
        let marks = [
            Stand.mark(100, spring.encoded()), Stand.mark(200, summer.encoded()), Stand.mark(300, nil),
        ]
        let log = log(0..<400, marks)
        var (whole, cutUp) = (try Stand(), try Stand())
        try whole.apply(log)
        try cutUp.apply(log.filter { $0.offset < 40 })
        try cutUp.restart()
        try cutUp.apply(log.filter { (40..<cut).contains($0.offset) })
        try cutUp.restart()
        let names: [Int64: String] = [100: spring.label, 200: summer.label]
        let last = [Int64(100), 200, 300].last { $0 < cut } ?? 0
        #expect(cutUp.report.model == names[last].map { "mixture-2+\($0)" } ?? "mixture-2")
        try cutUp.apply(log.filter { $0.offset >= cut })
        #expect(whole.made == cutUp.made)
        #expect(whole.report == cutUp.report)
    }

    /// Files that the updater refuses, with the reason and what the detail mentions.
    static let bad: [(name: String, file: [UInt8], reason: Rejection.Reason, mention: String)] = {
        let good = (try? UpdaterStand.model("other").encoded()) ?? []
        func model(_ partitions: [String]) -> [UInt8] {
            (try? UpdaterStand.model("other", partitions: partitions).encoded()) ?? []
        }
        return [
            ("no model", Array("spring".utf8), .badModel, "model: "),
            ("cut off", Array(good.dropLast(9)), .badModel, "model: "),
            ("fewer partitions", model(["us-east", "us-west"]), .badModel, "for 2 partitions"),
            ("another order", model(["us-west", "us-east", "eu-west"]), .badModel, "another order"),
            (
                "another target", model(["us-east/sales", "us-west/sales", "eu-west/sales"]), .badModel,
                "not the 3 of the configuration"
            ),
            ("too large", good + Array(repeating: 0, count: 1 << 20), .tooLarge, "at most 1000000"),
        ]
    }()

    @Test(arguments: bad.indices)
    func `a bad file is a dead letter with the reason, and the model in use stays`(number: Int) throws {
        let bad = Self.bad[number]
        var configuration = PipelineConfiguration()
        configuration.maximumModelBytes = 1_000_000
        let file = try Stand.model("spring").encoded()
        var (without, with) = (try Stand(configuration), try Stand(configuration))
        try without.apply(log(0..<300, [Stand.mark(100, file)]).filter { $0.offset != 200 })
        try with.apply(log(0..<300, [Stand.mark(100, file), Stand.mark(200, bad.file)]))
        let letter = try #require(with.dead.first)
        #expect(with.dead.count == 1)
        #expect(letter.value == bad.file)
        #expect(letter.headers[Mark.headerName] == Mark.model)
        #expect(letter.headers[DeadLetterHeader.reason] == bad.reason.rawValue)
        #expect(letter.headers[DeadLetterHeader.detail]?.contains(bad.mention) == true, "\(letter.headers)")
        #expect(letter.headers[DeadLetterHeader.offset] == "200")
        #expect(with.made.filter { $0.output != Stand.deadLetters } == without.made)
        #expect(with.report.deadLetters == 1)
    }

    @Test func `a bad file where there is no model leaves it at that`() throws {
        var stand = try Stand()
        try stand.apply(log(0..<100, [Stand.mark(50, Array("spring".utf8))]))
        #expect(try spells(stand.made) == ["mixture-2"])
        #expect(stand.dead.count == 1)
    }

    @Test func `a replay switches at the same records`() throws {
        let marks = [
            Stand.mark(100, try Stand.model("spring").encoded()), Stand.mark(150, [1, 2, 3]),
            Stand.mark(200, nil),
        ]
        var stand = try Stand()
        try stand.apply(log(0..<300, marks))
        let configuration = PipelineConfiguration()
        let partitions = try PartitionMap(Stand.names)
        let replay = PipelineReplay(configuration, partitions, taskCount: 1)
        let batch = MessageBatch(
            log(0..<300, marks).map { .record($0) }, topics: [StoredTopic(TopicName.interactions)])
        var vectors: [[UInt8]?] = []
        for i in 0..<batch.count {
            replay.apply(batch.record(at: i), from: .interactions) { vectors.append(StoredRecord($0).value) }
        }
        #expect(vectors == stand.made.filter { $0.output == Stand.vectors }.map(\.value))
        #expect(replay.totals.deadLetters == 1)
        #expect(replay.totals.events == 297)
    }

    @Test func `a recorded run is verified through its switches, and a mark that is missing is found`() throws
    {
        let marks = [Stand.mark(100, try Stand.model("spring").encoded()), Stand.mark(200, nil)]
        var live = try Stand()
        try live.apply(log(0..<300, marks))
        let vectors = TopicPartition(TopicName.affinityVectors, 0)
        let interactions = TopicPartition(TopicName.interactions, 0)
        let stand = ReplayStand()
        for made in live.made where made.output == Stand.vectors {
            stand.append(vectors, key: made.key, value: made.value)
        }
        stand.tamper(interactions) { $0 = log(0..<300, marks) }
        func updater() throws -> ReplayOutcome? {
            var bounds = stand.bounds
            // Nothing came of the vectors yet.
            bounds.committed[vectors] = 0
            let verification = ReplayVerification(
                PipelineConfiguration(), try PartitionMap(Stand.names), PipelineTopics(), taskCount: 1,
                bounds: bounds)
            return try verification.verify(task: 0, on: stand).first
        }
        let outcome = try #require(try updater())
        #expect(outcome.difference == nil && outcome.unverifiable == nil)
        #expect(outcome.counts.equal == live.made.count { $0.output == Stand.vectors })
        // The same offsets, and no model.
        stand.tamper(interactions) { $0[100].value = nil }
        let cause = try #require(try updater()?.difference?.cause)
        #expect((101..<200).contains(cause.offset))
    }

    @Test(arguments: [[1, 1_000], [7, 64]])
    func `the same log gives the same bytes on a cluster, however it is cut and restarted`(batches: [Int])
        async throws
    {
        let spring = try Stand.model("spring")
        let marks = [Stand.mark(80, spring.encoded()), Stand.mark(160, Array("bad".utf8))]
        let log = log(0..<240, marks)
        var pure = try Stand()
        try pure.apply(log)
        let quality = pure.made.filter { $0.output == Stand.quality }.map(\.text)
        #expect(quality.count > 30)
        var results: [[String]] = []
        for batch in batches {
            let fixture = try PipelineFixture(partitions: Stand.names)
            // The second process finds the model in the snapshots.
            for part in [log[..<120], log[120...]] {
                _ = try await fixture.run(
                    tune: {
                        $0.batchRecords = batch
                        $0.snapshotRecords = 10
                    }
                ) {
                    try await fixture.publish(part.map { Sent($0) })
                    return try await fixture.read(TopicName.affinityVectors) { records in
                        let last = part.last?.offset ?? 0
                        return records.contains { $0.text.contains(#""offset":\#(last)}"#) }
                    }
                }
            }
            let vectors = try await fixture.read(TopicName.affinityVectors) {
                $0.contains { $0.text.contains(#""offset":239}"#) }
            }
            let dead = try await fixture.read(TopicName.deadLetters) { !$0.isEmpty }
            #expect(dead.map { $0.headers[DeadLetterHeader.reason] } == ["bad-model"])
            results.append(vectors.map(\.text))
            let found = try await fixture.read(TopicName.modelQuality) { $0.count >= quality.count }
            #expect(found.map(\.text) == quality)
        }
        #expect(results[0] == results[1])
        #expect(results[0] == pure.made.filter { $0.output == Stand.vectors }.map(\.text))
        #expect(results[0].last?.contains("mixture-2+\(spring.label)") == true)
    }
}

extension Sent {
    fileprivate init(_ record: StoredRecord) {
        self.init(key: nil, value: nil, headers: record.headers)
        (key, value) = (record.key, record.value)
    }
}
