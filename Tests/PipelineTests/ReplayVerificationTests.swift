import Contracts
import Kafka
import Pipeline
import Streams
import Testing

/// A recorded run is what its input leads to; every change to it is found, and where it is.
@Suite struct ReplayVerificationTests {
    static let vectors = TopicPartition(TopicName.affinityVectors, 1)
    static let trends = TopicPartition(TopicName.partitionTrends, 0)
    static let commands = TopicPartition(TopicName.partitionCommands, 0)
    static let interactions = TopicPartition(TopicName.interactions, 1)

    @Test func `an untouched run has no difference`() async throws {
        let outcomes = try verify(try await ReplayRecording.stand())
        #expect(outcomes.map(\.stage) == ["updater", "trends", "updater", "trends", "planner"])
        for outcome in outcomes {
            #expect(outcome.difference == nil, "seed \(ReplayRecording.seed)")
            #expect(outcome.unverifiable == nil)
            #expect(outcome.counts.equal > 0)
            #expect(outcome.counts.compactedAway == 0)
        }
    }

    @Test func `a flipped byte is named with its record, its byte and the input that led to it`()
        async throws
    {
        let stand = try await ReplayRecording.stand()
        stand.tamper(Self.vectors) { $0[300].value?[17] ^= 1 }
        let outcome = try #require(try verify(stand).first { $0.stage == "updater" && $0.task == 1 })
        let difference = try #require(outcome.difference)
        #expect(outcome.counts.equal == 300)
        #expect(difference.kind == .changed)
        #expect(difference.place == Self.vectors)
        #expect(difference.offset == 300)
        #expect(difference.differingByte == 17)
        #expect(difference.recorded?.key == difference.recomputed?.key)
        let cause = try #require(difference.cause)
        #expect(cause.place == Self.interactions)
        let text = String(decoding: difference.recomputed?.value ?? [], as: UTF8.self)
        #expect(text.contains(#""offset":\#(cause.offset)}"#))
        #expect(difference.description.contains("affinity-vectors[1] offset 300"))
    }

    @Test func `what happens in one topic partition does not touch the others`() async throws {
        let stand = try await ReplayRecording.stand()
        stand.tamper(Self.vectors) { $0[300].value?[17] ^= 1 }
        let others = try verify(stand).filter { $0.task == 0 }
        #expect(others.allSatisfy { $0.difference == nil && $0.counts.equal > 0 })
    }

    @Test func `a changed header is a difference`() async throws {
        let stand = try await ReplayRecording.stand()
        stand.tamper(Self.vectors) { $0[0].headers = [Header("a", "b")] }
        #expect(try difference(stand, "updater", 1)?.offset == 0)
    }

    @Test func `a missing record is named by the input that leads to it`() async throws {
        let stand = try await ReplayRecording.stand()
        var removed: StoredRecord?
        stand.tamper(Self.vectors) { removed = $0.remove(at: 200) }
        let difference = try difference(stand, "updater", 1)
        #expect(difference?.kind == .missing)
        #expect(difference?.offset == 200)
        #expect(difference?.recomputed?.value == removed?.value)
    }

    @Test func `a missing last record is found`() async throws {
        let stand = try await ReplayRecording.stand()
        stand.tamper(Self.vectors) { $0.removeLast() }
        let difference = try difference(stand, "updater", 1)
        #expect(difference?.kind == .missing)
        #expect(difference?.offset == nil)
    }

    @Test(arguments: [0, 200, 400]) func `an extra record is named`(at index: Int) async throws {
        let stand = try await ReplayRecording.stand()
        stand.tamper(Self.vectors) { $0.insert($0[100], at: index) }
        let difference = try difference(stand, "updater", 1)
        #expect(difference?.kind == .extra)
        #expect(difference?.offset == Int64(index))
        #expect(difference?.cause == nil)
    }

    @Test func `an extra last record is found`() async throws {
        let stand = try await ReplayRecording.stand()
        let last = stand.end(Self.vectors)
        stand.tamper(Self.vectors) { $0.append($0[100]) }
        #expect(try difference(stand, "updater", 1)?.offset == last)
    }

    @Test func `sums that were changed are found, though both sources are in one topic partition`()
        async throws
    {
        let stand = try await ReplayRecording.stand()
        var source: Int32 = -1
        stand.tamper(Self.trends) {
            source = $0[40].key == Array("0".utf8) ? 0 : 1
            $0[40].value?[20] ^= 1
        }
        #expect(try difference(stand, "trends", source)?.offset == 40)
        #expect(try difference(stand, "trends", 1 - source) == nil)
    }

    @Test func `a command that was changed is found`() async throws {
        let stand = try await ReplayRecording.stand()
        stand.tamper(Self.commands) { $0[1].value?[9] ^= 1 }
        let difference = try difference(stand, "planner", 0)
        #expect(difference?.kind == .changed)
        #expect(difference?.offset == 1)
    }

    @Test func `what compaction took is no difference`() async throws {
        let stand = try await ReplayRecording.stand()
        let newest = newestOffsets(stand)
        stand.compact(Self.vectors) { newest[$0.key ?? []] != $0.offset }
        let outcome = try #require(try verify(stand).first { $0.stage == "updater" && $0.task == 1 })
        #expect(outcome.difference == nil)
        #expect(outcome.counts.equal == newest.count)
        #expect(outcome.counts.compactedAway > 0)
        #expect(try difference(stand, "trends", 1) == nil)
    }

    @Test func `a record that is gone is missing unless its key comes again`() async throws {
        let stand = try await ReplayRecording.stand()
        let newest = newestOffsets(stand)
        // Not one whose newest record is before all others that are kept: nothing says that it was there.
        let victim = stand.records[Self.vectors]?[600].key
        stand.compact(Self.vectors) { newest[$0.key ?? []] != $0.offset || $0.key == victim }
        let difference = try difference(stand, "updater", 1)
        #expect(difference?.kind == .missing)
        #expect(difference?.recomputed?.key == victim)
    }

    @Test func `without its beginning an input cannot be verified, and it is said why`() async throws {
        let stand = try await ReplayRecording.stand()
        var bounds = stand.bounds
        bounds.spans[Self.interactions] = 10..<stand.end(Self.interactions)
        let outcomes = try verify(stand, bounds).filter { $0.task == 1 }
        #expect(
            outcomes.allSatisfy { $0.unverifiable?.contains("interactions[1] begins at offset 10") == true })
    }

    @Test func `outputs that are no longer kept are left out`() async throws {
        let stand = try await ReplayRecording.stand()
        var bounds = stand.bounds
        bounds.spans[Self.vectors] = 100..<stand.end(Self.vectors)
        let outcome = try #require(
            try verify(stand, bounds).first { $0.stage == "updater" && $0.task == 1 })
        #expect(outcome.difference == nil)
        #expect(outcome.counts.before == 100)
    }

    @Test func `what was recorded after the span is left out`() async throws {
        let stand = try await ReplayRecording.stand()
        var bounds = stand.bounds
        bounds.spans[Self.interactions] = 0..<stand.end(Self.interactions) / 2
        bounds.isComplete = false
        let outcomes = try verify(stand, bounds)
        #expect(outcomes.filter { $0.task == 1 }.allSatisfy { $0.difference == nil && $0.counts.equal > 0 })
    }

    @Test func `what the pipeline has not processed yet is not missing`() async throws {
        let stand = try await ReplayRecording.stand()
        stand.tamper(Self.vectors) { $0.removeLast(50) }
        var bounds = stand.bounds
        bounds.committed[Self.interactions] = 0
        let outcome = try #require(
            try verify(stand, bounds).first { $0.stage == "updater" && $0.task == 1 })
        #expect(outcome.difference == nil)
        #expect(outcome.counts.notYetRecorded == 50)
    }

    private func newestOffsets(_ stand: ReplayStand) -> [[UInt8]: Int64] {
        var newest: [[UInt8]: Int64] = [:]
        for record in stand.records[Self.vectors] ?? [] { newest[record.key ?? []] = record.offset }
        return newest
    }

    private func difference(_ stand: ReplayStand, _ stage: String, _ task: Int32) throws -> ReplayDifference?
    {
        try verify(stand).first { $0.stage == stage && $0.task == task }?.difference
    }

    private func verify(_ stand: ReplayStand, _ bounds: ReplayBounds? = nil) throws -> [ReplayOutcome] {
        let verification = ReplayVerification(
            PipelineConfiguration(), try PartitionMap(ReplayRecording.regions), PipelineTopics(),
            taskCount: 2, bounds: bounds ?? stand.bounds)
        return try (Int32(0)...1).flatMap { try verification.verify(task: $0, on: stand) }
            + [verification.verifyPlanner(on: stand)]
    }
}
