import Kafka
import Testing

@Suite struct GroupTests {
    @Test func `an assignment is taken over from the offsets its owner names`() async throws {
        let got = try await DedicatedThread.run(named: "test") {
            let fixture = try Fixture()
            try fixture.publish(["a", "b", "c"])
            let consumer = try fixture.consumer()
            try consumer.subscribe(to: [fixture.topic])
            var assigned: [TopicPartition] = []
            let records = try consumer.take(2) { rebalance in
                if case .assign(let places, false) = rebalance { assigned = places.sorted() }
                try consumer.accept(rebalance, startingAt: [TopicPartition(fixture.topic, 0): 1])
            }
            return (records.compactMap(\.value), assigned.map(\.partition))
        }
        #expect(got.0 == ["b", "c"])
        #expect(got.1 == [0, 1])
    }

    @Test func `a second member of the group goes on where the first committed`() async throws {
        let got = try await DedicatedThread.run(named: "test") {
            let fixture = try Fixture()
            try fixture.publish(["a", "b", "c"])
            let place = TopicPartition(fixture.topic, 0)
            let first = try fixture.consumer()
            try first.subscribe(to: [fixture.topic])
            _ = try first.take(3)
            try first.commit([place: 2])
            first.close()
            let second = try fixture.consumer()
            try second.subscribe(to: [fixture.topic])
            let committed = try second.committed([place])
            return (committed[place], try second.take(1).compactMap(\.value))
        }
        #expect(got.0 == 2)
        #expect(got.1 == ["c"])
    }

    @Test func `watermarks tell the range of offsets kept`() async throws {
        let range = try await DedicatedThread.run(named: "test") {
            let fixture = try Fixture()
            try fixture.publish(["a", "b", "c"])
            return try Admin(fixture.configuration, logger: fixture.logger)
                .watermarks(of: TopicPartition(fixture.topic, 0))
        }
        #expect(range == 0..<3)
    }
}
