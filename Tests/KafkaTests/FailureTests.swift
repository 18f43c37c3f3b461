import EmbeddedKafka
import Kafka
import Logging
import MetricsTestKit
import Testing

@Suite struct FailureTests {
    @Test func `a setting that librdkafka does not know is named`() throws {
        let configuration = ClientConfiguration(brokers: "127.0.0.1:1", settings: ["no.such.thing": "1"])
        let error = #expect(throws: KafkaError.self) {
            try Producer(configuration, logger: Logger(label: "test"))
        }
        #expect(error?.remedy == .fix)
        #expect(error?.reason.contains("no.such.thing") == true)
    }

    @Test func `a delivery that fails reaches the caller of flush`() async throws {
        let error = try await DedicatedThread.run(named: "test") {
            let fixture = try Fixture()
            let producer = try fixture.producer(["message.timeout.ms": "1500"])
            try producer.send(fixture.buffer(["arrives"]))
            try producer.flush()
            try fixture.cluster.setOnline(false)
            try producer.send(fixture.buffer(["does not"]))
            return failure { () throws(KafkaError) in try producer.flush() }
        }
        #expect(error?.name == "_MSG_TIMED_OUT")
        #expect(error?.reason.contains("things[0]") == true)
    }

    @Test func `a topic partition that does not exist is refused at once`() async throws {
        let error = try await DedicatedThread.run(named: "test") {
            let fixture = try Fixture()
            let producer = try fixture.producer()
            return failure { () throws(KafkaError) in
                try producer.send(fixture.buffer(["a"], partition: 7))
            }
        }
        #expect(error?.name == "_UNKNOWN_PARTITION")
    }

    @Test func `the topics of a cluster are described`() async throws {
        let topics = try await DedicatedThread.run(named: "test") {
            let fixture = try Fixture()
            return try Admin(fixture.configuration, logger: fixture.logger).topics()
        }
        #expect(topics.map { "\($0.name) \($0.topicPartitions)" } == ["things 2"])
    }

    @Test func `a record over the size limit is refused at once`() async throws {
        let error = try await DedicatedThread.run(named: "test") {
            let fixture = try Fixture()
            let producer = try fixture.producer(["message.max.bytes": "1000"])
            return failure { () throws(KafkaError) in
                try producer.send(fixture.buffer([String(repeating: "x", count: 2_000)]))
            }
        }
        #expect(error?.isTooLarge == true)
    }

    @Test func `a call out of order in a transaction is an error, not a crash`() async throws {
        let error = try await DedicatedThread.run(named: "test") {
            let fixture = try Fixture()
            let producer = try fixture.producer(["transactional.id": "t"])
            try producer.initTransactions()
            return failure { () throws(KafkaError) in try producer.commitTransaction() }
        }
        #expect(error?.name == "_STATE")
    }

    @Test func `a transaction is committed with the offsets of its consumer`() async throws {
        let got = try await DedicatedThread.run(named: "test") {
            let fixture = try Fixture()
            try fixture.publish(["in"])
            let consumer = try fixture.consumer()
            try consumer.subscribe(to: [fixture.topic])
            _ = try consumer.take(1)
            let producer = try fixture.producer(["transactional.id": "t"])
            try producer.initTransactions()
            try producer.beginTransaction()
            try producer.send(fixture.buffer(["out"], partition: 1))
            try producer.sendOffsets([TopicPartition(fixture.topic, 0): 1], of: consumer)
            try producer.commitTransaction()
            return try consumer.take(1).compactMap(\.value)
        }
        #expect(got == ["out"])
    }

    @Test func `librdkafka's statistics become metrics`() async throws {
        let metrics = TestMetrics()
        let sent = try await DedicatedThread.run(named: "test") {
            let fixture = try Fixture()
            let reporter = StatisticsReporter(client: "p", factory: metrics)
            let producer = try Producer(
                fixture.configuration.setting(["statistics.interval.ms": "10"]), logger: fixture.logger,
                statistics: reporter)
            try producer.send(fixture.buffer(["a", "b"]))
            try producer.flush()
            let end = ContinuousClock.now + .seconds(20)
            while ContinuousClock.now < end {
                producer.serve()
                let gauge = try? metrics.expectRecorder("kafka_client_sent_messages", [("client", "p")])
                if let value = gauge?.lastValue, value >= 2 { return value }
            }
            return 0
        }
        #expect(sent == 2)
    }
}
