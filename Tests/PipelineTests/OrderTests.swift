import Contracts
import Kafka
import Streams
import Testing
import Trends

@testable import Pipeline

/// Operators' orders through the planner's stage, on an embedded cluster.
@Suite struct OrderTests {
    private static let hour: EventTime = 3_600_000
    private static let names = ["us-east", "us-west", "eu-west"]

    /// Trends and telemetry of one window in which a third of us-east's customers have eu-west high.
    private static func window(_ number: Int64) throws -> [Sent] {
        let map = try PartitionMap(names)
        let end = (number + 1) * hour
        var records: [Sent] = []
        func add(_ key: String, _ topic: String, _ encode: (PartitionNames, inout JSONWriter) -> Void) {
            var writer = JSONWriter()
            encode(PartitionNames(map), &writer)
            var sent = Sent(key: key, value: nil, topic: topic)
            sent.value = writer.bytes
            records.append(sent)
        }
        for partition in 0..<3 as Range<PartitionIndex> {
            let sample = Telemetry(
                partition: partition, time: number * hour + 1, reads: 100, writes: 10, errors: 0,
                latencyP50Micros: 900, latencyP99Micros: 5_000, utilisationMilli: 300, replicaLagMillis: 5,
                divergenceSampled: 50, divergenceFound: 0)
            add(map.names[Int(partition)], TopicName.partitionTelemetry) {
                sample.encode(names: $0, into: &$1)
            }
        }
        let flow = Flow(home: 0, partition: 2, customers: 300, highCustomers: 100, anticipatedVolume: 0)
        let trend = TrendRecord(
            source: 0, sources: 1, windowStart: end - hour, windowEnd: end, completeThrough: end, idle: false,
            flows: [flow])
        add("0", TopicName.partitionTrends) { trend.encode(names: $0, into: &$1) }
        return records
    }

    private static func order(_ kind: String, key: String = "us-east>eu-west") -> Sent {
        Sent(
            key: key,
            value: #"{"id":"o-\#(kind)","time":5,"order":"\#(kind)","source":"us-east","target":"eu-west","#
                + #""by":"ada","reason":"why not"}"#, topic: TopicName.shadowOrders)
    }

    private static func commands(_ fixture: PipelineFixture, _ count: Int) async throws -> [ShadowCommand] {
        let map = try PartitionMap(names)
        let records = try await fixture.read(TopicName.partitionCommands) { $0.count >= count }
        return try records.compactMap(\.value).map {
            try ShadowCommand(decoding: $0.span.bytes, partitions: map)
        }
    }

    /// Waits until an order's copy is in the telemetry's log, so that what is sent next comes after it.
    private static func copied(_ fixture: PipelineFixture, _ count: Int) async throws {
        _ = try await fixture.read(TopicName.partitionTelemetry) { records in
            records.count { $0.headers[CopiedRecord.headerName] == TopicName.shadowOrders } >= count
        }
    }

    /// Holds what a replay of the inputs makes against the recorded commands: orders are in the telemetry's log.
    private static func replay(_ recorded: [TopicPartition: [StoredRecord]]) throws -> ReplayOutcome {
        let stand = ReplayStand()
        for (place, records) in recorded { stand.tamper(place) { $0 = records } }
        return try ReplayVerification(
            PipelineConfiguration(), try PartitionMap(names), PipelineTopics(), taskCount: 1,
            bounds: stand.bounds
        ).verifyPlanner(on: stand)
    }

    @Test func `an order leads to a command that names it, and one that does not fit to a dead letter`()
        async throws
    {
        let fixture = try PipelineFixture(partitions: Self.names)
        let (commands, dead, recorded) = try await fixture.run(planning: true) {
            for number in 0..<6 as Range<Int64> { try await fixture.publish(try Self.window(number)) }
            _ = try await Self.commands(fixture, 3)
            try await fixture.publish([
                Self.order("roll-back"), Self.order("resume"), Self.order("halt"),
                Self.order("pause", key: "us-east"),
            ])
            try await Self.copied(fixture, 4)
            for number in 6..<9 as Range<Int64> { try await fixture.publish(try Self.window(number)) }
            let commands = try await Self.commands(fixture, 5)
            let dead = try await fixture.read(TopicName.deadLetters) { $0.count >= 3 }
            var recorded: [TopicPartition: [StoredRecord]] = [:]
            for topic in [
                TopicName.partitionTrends, TopicName.partitionTelemetry, TopicName.partitionCommands,
            ] {
                let place = TopicPartition(topic, 0)
                recorded[place] = try await fixture.copy(place)
            }
            return (commands, dead, recorded)
        }
        let back = try #require(commands.first { $0.type == .rollback })
        #expect(back.order == OrderNote(id: "o-roll-back", by: "ada", reason: "why not"))
        #expect(commands.last?.type == .retirement)
        #expect(commands.map(\.epoch) == Array(1...UInt64(commands.count)))
        let replayed = try Self.replay(recorded)
        #expect(replayed.difference == nil)
        #expect(replayed.counts.equal == commands.count)
        func letter(_ reason: Rejection.Reason) throws -> Received {
            try #require(dead.first { $0.headers[DeadLetterHeader.reason] == reason.rawValue })
        }
        let refused = try letter(.orderRefused)
        #expect(refused.value == Self.order("resume").value)
        #expect(refused.headers[DeadLetterHeader.topic] == TopicName.shadowOrders)
        #expect(refused.headers[DeadLetterHeader.offset] == "1")
        #expect(refused.headers[DeadLetterHeader.detail] == "the shadow is rolling back already")
        #expect(try letter(.invalidField).value == Self.order("halt").value)
        #expect(try letter(.keyMismatch).headers[DeadLetterHeader.offset] == "3")
    }
}
