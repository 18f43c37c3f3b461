import Contracts
import Kafka
import Logging
import Workload

/// Sends trace records to `interactions`, in their order, in runs.
///
/// Keys are spread by murmur2, as Java clients do, so that it does not matter who publishes.
final class Publisher {
    /// What was published.
    struct Totals: Sendable {
        var records = 0
        var bytes = 0
        /// The latest event time.
        var last: EventTime?
    }

    /// How a cluster that is away is waited for.
    struct Patience {
        /// Gives up when no record was acknowledged for so long.
        var limit: Duration
        /// Says so, again and again, while it waits.
        var waits: (_ records: Int, _ since: Duration) -> Void
    }

    private let producer: Producer
    private let deliveries: DeliveryLog?
    private let patience: Patience?
    private var buffer: RecordBuffer
    private(set) var totals = Totals()

    /// Records handed to librdkafka at once.
    private static let runRecords = 500
    /// Records that may be out without those before them being acknowledged: so many may come twice after giving up.
    private static let unacknowledgedMax = 20_000
    private static let pollMilliseconds: Int32 = 200
    /// A cluster that takes longer to answer is away.
    private static let pause = Duration.seconds(2)
    private static let interactions = 0
    private static let telemetry = 1

    /// With `patience`, records wait for a cluster that is away, and each is sent once, in its order.
    init(_ client: ClientConfiguration, topics: [String], patience: Patience? = nil, logger: Logger)
        throws(KafkaError)
    {
        var settings = ["linger.ms": "20", "compression.codec": "lz4"]
        // librdkafka would give up single records, and go on with those behind them.
        if patience != nil { settings["message.timeout.ms"] = "0" }
        deliveries = patience == nil ? nil : DeliveryLog()
        self.patience = patience
        producer = try Producer(
            client.setting(["partitioner": "murmur2_random"]).defaulting(settings), logger: logger,
            deliveries: deliveries)
        buffer = RecordBuffer(topics: topics)
    }

    /// Records from the first on that are in their topics, without a gap.
    var acknowledgedInOrder: Int { deliveries?.acknowledgedInOrder ?? 0 }

    /// Sends a record, sooner or later.
    func publish(_ record: TraceRecord) throws(KafkaError) {
        buffer.append(
            topic: Self.interactions, partition: -1, key: record.key.span.bytes,
            value: record.value.span.bytes)
        totals.records += 1
        totals.bytes += record.value.count
        if let time = record.time { totals.last = max(totals.last ?? time, time) }
        if buffer.count >= Self.runRecords { try send() }
    }

    /// Takes note of a record that is published already.
    func pass(_ record: TraceRecord) {
        if let time = record.time { totals.last = max(totals.last ?? time, time) }
    }

    /// Sends telemetry, in order with the rest. The topic must be the second of this publisher.
    func publishTelemetry(_ value: [UInt8], key: String) throws(KafkaError) {
        buffer.append(
            topic: Self.telemetry, partition: 0, key: key.utf8Span.span.bytes, value: value.span.bytes)
    }

    /// Says in topic partitions 0..<count of topic number `topic` that nothing before `time` will follow.
    func mark(completeThrough time: EventTime, topic: Int, topicPartitions: Int32) throws(KafkaError) {
        let header = Header(Mark.headerName, Mark.completeThrough(time).text)
        for number in 0..<topicPartitions {
            buffer.append(topic: topic, partition: number, key: nil, value: nil, headers: [header])
        }
        try send()
    }

    /// Hands over what waits here.
    func send() throws(KafkaError) {
        if let deliveries, let patience { return try send(deliveries, patience) }
        try producer.send(buffer)
        buffer.removeAll()
        try producer.throwDeliveryFailure()
    }

    /// Returns when everything is acknowledged.
    func finish() throws(KafkaError) {
        try send()
        guard let deliveries, let patience else {
            return try producer.flush(timeoutMilliseconds: 60_000)
        }
        try wait(deliveries, patience) { deliveries.waiting == 0 }
        try check(deliveries)
    }

    // MARK: Waiting for the cluster

    private func send(_ deliveries: DeliveryLog, _ patience: Patience) throws(KafkaError) {
        let first = deliveries.given
        let since = ContinuousClock.now
        while deliveries.given - first < buffer.count {
            do throws(KafkaError) {
                _ = try producer.send(
                    buffer, from: deliveries.given - first, timeoutMilliseconds: Self.pollMilliseconds)
            } catch {
                // The topic could not be looked up.
                guard error.isRetriable, ContinuousClock.now - since < patience.limit else { throw error }
                patience.waits(deliveries.waiting, ContinuousClock.now - since)
            }
            try check(deliveries)
        }
        buffer.removeAll()
        try wait(deliveries, patience) {
            deliveries.given - deliveries.acknowledgedInOrder <= Self.unacknowledgedMax
        }
    }

    /// Returns when `isDone`. Throws if no record was acknowledged for too long.
    private func wait(_ deliveries: DeliveryLog, _ patience: Patience, until isDone: () -> Bool)
        throws(KafkaError)
    {
        producer.serve()
        while !isDone() {
            try check(deliveries)
            let silence = ContinuousClock.now - deliveries.lastOutcome
            if silence >= patience.limit {
                throw KafkaError(
                    code: -185, reason: "no record was acknowledged for \(patience.limit / .seconds(1)) s",
                    remedy: .retry)
            }
            if silence >= Self.pause { patience.waits(deliveries.waiting, silence) }
            do throws(KafkaError) {
                try producer.flush(timeoutMilliseconds: Self.pollMilliseconds)
            } catch {
                if !error.isRetriable { throw error }
            }
        }
    }

    /// Throws if a record cannot be published, or the producer has ended.
    private func check(_ deliveries: DeliveryLog) throws(KafkaError) {
        if let error = producer.fatalError { throw error }
        guard deliveries.failed > 0 else { return }
        switch deliveries.outcome(of: deliveries.acknowledgedInOrder) {
        case .refused(let error), .unknown(let error): throw error
        case .waiting, .acknowledged: return
        }
    }

    /// Ends the producer. Answers how many records after those acknowledged in order are in their topics, or may be.
    func giveUp() -> Int {
        guard let deliveries else { return 0 }
        let first = deliveries.acknowledgedInOrder
        producer.close()
        return (first..<deliveries.given).count { number in
            switch deliveries.outcome(of: number) {
            case .acknowledged, .waiting: true
            case .refused: false
            case .unknown(let error): error.name != "_PURGE_QUEUE"
            }
        }
    }
}
