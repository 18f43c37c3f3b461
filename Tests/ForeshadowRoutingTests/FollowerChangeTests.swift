import EmbeddedKafka
import Kafka
import Testing

@testable import ForeshadowRouting

/// Topics that change while they are followed.
@Suite struct FollowerChangeTests {
    private var topic: String { FollowerStand.topics[0] }

    @Test(.timeLimit(.minutes(2)))
    func `a topic that gets more topic partitions is followed in all of them`() async throws {
        let stand = try FollowerStand()
        try await stand.publish(["a", "b"])
        try await stand.following {
            let name = topic
            try await stand.admin { try $0.addTopicPartitions(to: name, count: 3) }
            try await stand.publish(["c"], partition: 2)
            try await stand.publish(["d"], partition: 1)
            try await stand.publish(["e"])
            try await stand.until { stand.values.count == 5 }
            #expect(stand.values == ["a", "b", "c", "d", "e"])
            try await stand.until { stand.follower.status.isCaughtUp }
            #expect(stand.startedOver == 0, "what was applied stays")
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a topic that was deleted and created again with fewer records is read from the start`() async throws
    {
        let stand = try FollowerStand()
        try await stand.publish(["old 1", "old 2", "old 3"])
        try await stand.publish(["command"], to: FollowerStand.topics[1])
        try await stand.following {
            #expect(stand.values.count == 4)
            try stand.replaceTopic()
            try await stand.publish(["new"])
            try await stand.until { stand.values == ["command", "new"] }
            try await stand.until { stand.follower.status.isCaughtUp }
            let status = stand.follower.status
            #expect(status.topics.map(\.replacements) == [1, 0])
            #expect(status.logReplacements == 1 && stand.startedOver == 1)
            #expect(status.topics.map(\.lagRecords) == [0, 0])
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a topic that was replaced while the cluster was away is told by its records`() async throws {
        let stand = try FollowerStand()
        try await stand.publish(["old 1", "old 2"])
        try await stand.following {
            try await stand.cutOff {
                try stand.replaceTopic()
                try await stand.publish(["new 1", "new 2", "new 3"])
            }
            try await stand.until { stand.startedOver > 0 }
            try await stand.until { stand.follower.status.isCaughtUp }
            #expect(stand.values == ["new 1", "new 2", "new 3"])
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `what was applied stays when the cluster comes back as it was`() async throws {
        let stand = try FollowerStand()
        try await stand.publish(["1", "2"])
        try await stand.following {
            try await stand.cutOff { try await stand.publish(["3"]) }
            try await stand.until { stand.values == ["1", "2", "3"] }
            let back = ContinuousClock.now
            try await stand.until { stand.follower.current.map { $0 > back } ?? false }
            #expect(stand.startedOver == 0 && stand.follower.status.logReplacements == 0)
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `records that are deleted before they are read are counted, and the rest is read`() async throws {
        let stand = try FollowerStand()
        try await stand.publish(["1", "2"])
        try await stand.following {
            let place = TopicPartition(topic, 0)
            try await stand.cutOff {
                try await stand.publish(["3", "4", "5", "6"])
                try await stand.admin { try $0.deleteRecords(of: place, before: 5) }
            }
            try await stand.until { stand.values == ["1", "2", "6"] }
            #expect(stand.follower.status.topics[0].lostRecords == 3)
            #expect(stand.startedOver == 0)
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a topic that is gone for long makes it not ready, and is read again when it is back`() async throws
    {
        var timing = FollowerStand.soon
        timing.goneAfter = .milliseconds(200)
        let stand = try FollowerStand(timing)
        try await stand.publish(["same"])
        try await stand.following {
            try stand.broker.deleteTopic(topic)
            try await stand.until { !stand.follower.status.isCaughtUp }
            #expect(stand.values == ["same"], "what is old is still an answer")
            try await stand.until { stand.follower.status.error?.contains("'vectors'") == true }
            try stand.broker.createTopic(topic, topicPartitions: 1)
            // The same record: nothing but its absence tells that the topic is another one.
            try await stand.publish(["same"])
            try await stand.until { stand.startedOver == 1 && stand.follower.status.isCaughtUp }
            #expect(stand.values == ["same"])
        }
    }
}

/// The same without a broker.
@Suite struct FollowerStateTests {
    private let place = TopicPartition("vectors", 0)
    private let start = ContinuousClock.now

    /// One topic of one topic partition, read to its end.
    private func current() -> FollowerState {
        var state = FollowerState(["vectors"])
        state.beginSession()
        state.take(LogInspection(next: [:], ranges: [:], gone: []))
        state.add([(place, 0)])
        state.saw(0..<2, of: place, next: nil, asked: start)
        state.progress.applied(
            place, next: 2, published: 1, records: 2, last: AppliedRecord(offset: 1, fingerprint: print(1)))
        state.moved()
        return state
    }

    private func print(_ checksum: UInt64) -> RecordFingerprint {
        RecordFingerprint(timestamp: 1, checksum: checksum)
    }

    @Test func `until a topic partition that was added is read, nothing is current`() {
        var state = current()
        #expect(state.isCaughtUp && state.current != nil)
        let changes = state.compare([2], now: start, goneAfter: .seconds(30))
        #expect(changes == [.grown(topic: "vectors", from: 1, to: 2)])
        #expect(!state.isCaughtUp && state.current == nil && state.needsSession)
        state.beginSession()
        state.take(LogInspection(next: state.progress.next, ranges: [place: 0..<2], gone: []))
        state.saw(0..<0, of: TopicPartition("vectors", 1), next: nil, asked: start)
        #expect(state.isCaughtUp && state.current == start)
    }

    @Test func `an end below what was applied puts everything in doubt`() {
        var state = current()
        state.saw(0..<1, of: place, next: 2, asked: start + .seconds(1))
        #expect(state.needsSession)
        state.saw(0..<9, of: place, next: 2, asked: start + .seconds(2))
        #expect(state.current == start, "nothing is taken over before it was looked into")
    }

    @Test func `a topic that is missing from one answer is not gone`() {
        var state = current()
        let limit = Duration.seconds(30)
        #expect(
            state.compare([0], now: start, goneAfter: limit) == [
                .missing(topic: "vectors", topicPartitions: 0)
            ])
        #expect(state.compare([1], now: start + .seconds(40), goneAfter: limit) == [.back(topic: "vectors")])
        #expect(state.isCaughtUp && state.returnedTopics.isEmpty && state.needsSession)
        _ = state.compare([0], now: start + .seconds(50), goneAfter: limit)
        #expect(state.compare([0], now: start + .seconds(80), goneAfter: limit) == [.gone(topic: "vectors")])
        #expect(!state.isCaughtUp)
        #expect(state.compare([1], now: start + .seconds(81), goneAfter: limit) == [.back(topic: "vectors")])
        #expect(state.returnedTopics == ["vectors"])
    }

    @Test func `a topic that stays smaller than it was is another one`() {
        var state = current()
        state.add([(TopicPartition("vectors", 1), 0)])
        _ = state.compare([1], now: start, goneAfter: .seconds(30))
        #expect(state.returnedTopics.isEmpty)
        _ = state.compare([1], now: start + .seconds(30), goneAfter: .seconds(30))
        #expect(state.returnedTopics == ["vectors"] && !state.isCaughtUp)
        state.take(LogInspection(next: state.progress.next, ranges: [:], gone: state.returnedTopics))
        #expect(state.progress.all.isEmpty)
        #expect(state.status(now: 0).topics.map(\.replacements) == [1])
    }

    @Test func `another record at the same offset is evidence, one at another offset is none`() {
        let applied = [place: AppliedRecord(offset: 1, fingerprint: print(1))]
        func inspect(_ found: AppliedRecord?, in range: Range<Int64> = 0..<5) -> LogInspection {
            var inspection = LogInspection(next: [place: 2], ranges: [place: range], gone: [])
            inspection.compare(inspection.suspects(applied), with: found.map { [place: $0] } ?? [:])
            return inspection
        }
        #expect(inspect(AppliedRecord(offset: 1, fingerprint: print(1))).replaced.isEmpty)
        #expect(inspect(AppliedRecord(offset: 1, fingerprint: print(2))).replaced == [place: .otherRecord(1)])
        #expect(
            inspect(AppliedRecord(offset: 3, fingerprint: print(2))).replaced.isEmpty, "it was compacted away"
        )
        #expect(inspect(nil).replaced.isEmpty)
        #expect(inspect(nil, in: 0..<1).replaced == [place: .end(1)])
        let late = inspect(AppliedRecord(offset: 4, fingerprint: print(2)), in: 4..<5)
        #expect(late.replaced.isEmpty && late.lost == [place: 2..<4])
    }

    @Test func `records that come right after the first ones do not hide another log`() {
        var state = current()
        // The cluster goes away before anybody has looked again.
        state.progress.applied(
            place, next: 3, published: 1, records: 1, last: AppliedRecord(offset: 2, fingerprint: print(7)))
        #expect(state.progress.trusted == [place: AppliedRecord(offset: 1, fingerprint: print(1))])
    }

    @Test func `what is applied while the logs are in doubt is no measure of them`() {
        var state = current()
        state.trust()
        state.doubt()
        state.progress.applied(
            place, next: 3, published: 1, records: 1, last: AppliedRecord(offset: 2, fingerprint: print(7)))
        state.trust()
        #expect(state.progress.trusted == [place: AppliedRecord(offset: 1, fingerprint: print(1))])
    }
}
