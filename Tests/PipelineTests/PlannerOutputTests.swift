import Contracts
import EmbeddedKafka
import Kafka
import Streams
import Testing
import Trends

@testable import Pipeline

/// Alerts and forecasts on their topics, once each, whatever the batches and restarts.
@Suite struct PlannerOutputTests {
    private static let topics = [TopicName.alerts, TopicName.partitionForecasts, TopicName.partitionCommands]

    /// A partition that is over its limit for half a day, a rise, and some records that cannot be used.
    private static func log() throws -> [[PlannerStand.Given]] {
        try (0..<36 as Range<Int64>).map { number in
            let isOver = (8..<20).contains(number)
            let letters = Array(repeating: PlannerStand.garbage, count: (24..<28).contains(number) ? 12 : 0)
            return try letters
                + PlannerStand.window(number, high: 20 + number * 2) { sample in
                    if isOver, sample.partition == 1 { sample.utilisationMilli = 940 }
                }
        }
    }

    private static func sent(_ given: PlannerStand.Given) -> Sent {
        var sent = Sent(key: nil, value: nil, headers: given.record.headers, topic: given.record.place.topic)
        sent.value = given.record.value
        return sent
    }

    /// What the stage puts out on a cluster, if it is stopped after each of these windows.
    private func play(stops: [Int], batch: Int) async throws -> [[[UInt8]]] {
        let fixture = try PipelineFixture(partitions: PlannerStand.names)
        let windows = try Self.log()
        var first = 0
        for stop in stops + [windows.count] {
            let part = windows[first..<stop].flatMap { $0 }
            let planned = Int64(stop) * PlannerStand.hour
            try await fixture.run(planning: true, tune: { $0.batchRecords = batch }) {
                try await fixture.publish(part.map(Self.sent))
                // Every window brings a forecast of the flow that rises.
                let told = try await fixture.read(TopicName.partitionForecasts) {
                    $0.last?.text.contains(#""end":\#(planned)}"#) == true
                }
                #expect(!told.isEmpty)
            }
            first = stop
        }
        var made: [[[UInt8]]] = []
        for topic in Self.topics {
            made.append(try await fixture.copy(TopicPartition(topic, 0)).compactMap(\.value))
        }
        return made
    }

    @Test(arguments: [([], 1_000), ([9, 10, 25], 1), ([3, 21, 30], 7)] as [([Int], Int)])
    func `what is put out is what the inputs lead to, once`(stops: [Int], batch: Int) async throws {
        var stand = try PlannerStand()
        for given in try Self.log().flatMap({ $0 }) { try stand.apply(given) }
        #expect(
            try stand.alerts.short == [
                "bottleneck:us-west firing", "bottleneck:us-west resolved", "dead-letters firing",
                "dead-letters resolved",
            ])
        let made = try await play(stops: stops, batch: batch)
        for (topic, values) in zip(Self.topics, made) {
            #expect(values == stand.values(topic), "\(topic)")
        }
    }
}
