import Kafka
import Logging
import Testing

@Suite struct RoundTripTests {
    @Test func `records arrive in order, with keys, values and headers`() async throws {
        let got = try await DedicatedThread.run(named: "test") {
            let fixture = try Fixture()
            let producer = try fixture.producer()
            try producer.send(fixture.buffer(["a", "b"]))
            try producer.send(
                fixture.buffer(["c"], headers: [Header("why", "because"), Header(name: "nil", value: nil)]))
            try producer.flush()
            let consumer = try fixture.consumer()
            try consumer.assign([TopicPartition(fixture.topic, 0): 0])
            return try consumer.take(3).map {
                [$0.key ?? "", $0.value ?? "", "\($0.offset)", "\($0.headers.map(\.name))"]
            }
        }
        #expect(
            got == [["k", "a", "0", "[]"], ["k", "b", "1", "[]"], ["k", "c", "2", #"["why", "nil"]"#]])
    }

    @Test func `a tombstone has a key and no value, an empty value is not a tombstone`() async throws {
        let got = try await DedicatedThread.run(named: "test") {
            let fixture = try Fixture()
            var buffer = fixture.buffer([""])
            buffer.append(topic: 0, partition: 0, key: "gone".utf8Span.span.bytes, value: nil)
            buffer.append(topic: 0, partition: 0, key: nil, value: "no key".utf8Span.span.bytes)
            let producer = try fixture.producer()
            try producer.send(buffer)
            try producer.flush()
            let consumer = try fixture.consumer()
            try consumer.assign([TopicPartition(fixture.topic, 0): 0])
            return try consumer.take(3).map { "\($0.key ?? "nil")=\($0.value ?? "nil")" }
        }
        #expect(got.dropFirst() == ["gone=nil", "nil=no key"])
    }

    @Test func `more records than librdkafka's queue holds are all delivered`() async throws {
        let count = try await DedicatedThread.run(named: "test") {
            let fixture = try Fixture()
            let producer = try fixture.producer(["queue.buffering.max.messages": "100", "linger.ms": "0"])
            try producer.send(fixture.buffer((0..<2_000).map(String.init)))
            try producer.flush()
            let consumer = try fixture.consumer()
            try consumer.assign([TopicPartition(fixture.topic, 0): 0])
            let got = try consumer.take(2_000).compactMap { $0.value.flatMap { Int($0) } }
            return got == Array(0..<2_000) ? got.count : -1
        }
        #expect(count == 2_000)
    }
}
