import EmbeddedKafka
import Kafka
import Logging
import Testing

/// What goes wrong on purpose goes wrong as asked, and only that.
struct FaultTests {
    let logger: Logger
    let broker: EmbeddedKafka
    let place = TopicPartition("things", 0)

    init() throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        self.logger = logger
        var limits = BrokerLimits()
        limits.faultTopic = "faults"
        broker = try EmbeddedKafka(limits: limits, logger: logger)
        try broker.createTopic("things", topicPartitions: 1)
    }

    private var configuration: ClientConfiguration {
        ClientConfiguration(brokers: broker.brokers, settings: ["retry.backoff.ms": "10"])
    }

    private func buffer(_ topic: String, _ value: String) -> RecordBuffer {
        var buffer = RecordBuffer(topics: [topic])
        buffer.append(
            topic: 0, partition: 0, key: "k".utf8Span.span.bytes, value: value.utf8Span.span.bytes)
        return buffer
    }

    private func end(_ place: TopicPartition) async throws -> Int64 {
        let (configuration, logger) = (configuration, logger)
        return try await DedicatedThread.run(named: "admin") {
            try Admin(configuration, logger: logger).watermarks(of: place).upperBound
        }
    }

    private func publish(_ values: [(topic: String, value: String)]) async throws {
        let (configuration, logger) = (configuration, logger)
        let buffers = values.map { buffer($0.topic, $0.value) }
        try await DedicatedThread.run(named: "publish") {
            let producer = try Producer(configuration, logger: logger)
            for buffer in buffers {
                try producer.send(buffer)
                try producer.flush()
            }
        }
    }

    @Test(arguments: [
        Fault(.error(7), on: "Produce", times: 2), Fault(.drop, on: "Produce"),
        Fault(.loseAnswer, on: "Produce"), Fault(.delay(50), on: "Produce", times: 3),
        Fault(.error(16), on: "InitProducerId", times: 2),
    ])
    func `an idempotent producer gets over it, and writes once`(_ fault: Fault) async throws {
        try broker.inject(fault)
        try await publish([("things", "a"), ("things", "b")])
        #expect(try await end(place) == 2)
    }

    @Test func `the control topic takes the same in words`() async throws {
        try await publish([("faults", "lose-answer on Produce times 1"), ("things", "a")])
        #expect(try await end(place) == 1)
    }

    @Test func `a fault for others does not matter`() async throws {
        try broker.inject(Fault(.drop, times: nil, client: "somebody-else"))
        try await publish([("things", "a")])
        try broker.clearFaults()
        #expect(try await end(place) == 1)
    }

    @Test func `words are read as they are meant`() throws {
        #expect(
            try Fault("error 16 on Heartbeat times 3") == Fault(.error(16), on: "Heartbeat", times: 3))
        #expect(
            try Fault("delay 500 on Fetch times all client app-")
                == Fault(.delay(500), on: "Fetch", times: nil, client: "app-"))
        #expect(try Fault("drop") == Fault(.drop))
    }

    @Test(arguments: [
        ("", "'': error, delay, drop or lose-answer must come first"),
        ("delay", "'delay': a number is missing after 'delay'"),
        ("error 9999", "'error 9999': 9999 is no error that this broker knows"),
        ("drop for ever", "'drop for ever': 'for' is none of on, times, client"),
    ])
    func `what cannot be read says why`(_ text: String, _ reason: String) {
        #expect(throws: Fault.Unreadable(description: reason)) { try Fault(text) }
    }
}
