internal import CRdkafka
public import Logging

/// Publishes records, idempotently, and in transactions if it was given a `transactional.id`.
///
/// Not `Sendable`, by design: one thread makes it, sends with it and closes it. Deliveries that failed are
/// thrown by `flush` and `commitTransaction`, unless a `DeliveryLog` takes note of them.
public final class Producer: StreamProducer {
    let handle: ClientHandle
    let deliveries: DeliveryLog?
    private var topics: [String: OpaquePointer] = [:]
    private var isClosed = false
    /// For calls that may not return.
    private(set) lazy var calls = CallThread(named: "producer-calls")
    private var hasCalls: Bool { handle.isTransactional }

    /// Makes a producer. Idempotence is on unless the settings say otherwise. `deliveries` takes note of what becomes of
    /// each record; then records that are refused, and deliveries that fail, are not thrown.
    public init(
        _ configuration: ClientConfiguration, logger: Logger, statistics: StatisticsReporter? = nil,
        deliveries: DeliveryLog? = nil
    ) throws(KafkaError) {
        let sink = CallbackSink(logger: logger, statistics: statistics, deliveries: deliveries)
        var settings = configuration.defaulting([
            "enable.idempotence": "true",
            "linger.ms": "5",
            "compression.codec": "lz4",
            "delivery.report.only.error": "true",
            "statistics.interval.ms": statistics == nil ? "0" : "10000",
            "queue.buffering.max.messages": String(Self.queueLimit + 1_000),
            // What came in must fit when it goes on to the dead letters: the topics take 16 and 17 MiB.
            "message.max.bytes": "18000000",
        ])
        if deliveries != nil { settings.settings["delivery.report.only.error"] = "false" }
        self.deliveries = deliveries
        handle = try ClientHandle(RD_KAFKA_PRODUCER, settings, sink, configure: sink.installDelivery)
    }

    deinit { close() }

    /// Hands over all records of `buffer`, and waits where the queue is full.
    public func send(_ buffer: borrowing RecordBuffer) throws(KafkaError) {
        var next = 0
        while next < buffer.entries.count {
            next = try send(buffer, from: next, timeoutMilliseconds: 30_000)
            try throwDeliveryFailure()
        }
    }

    /// Hands over the records of `buffer` from index `first` on, and waits where the queue is full: this is
    /// where a slow broker slows down everything before it. Answers the index of the first record that there
    /// was no room for.
    public func send(_ buffer: borrowing RecordBuffer, from first: Int, timeoutMilliseconds: Int32)
        throws(KafkaError) -> Int
    {
        var deadline = ContinuousClock.now + .milliseconds(timeoutMilliseconds)
        // What is in a log of deliveries is not given a second time.
        if deliveries != nil { deadline += Self.deliveriesPatience }
        var next = first
        while next < buffer.entries.count {
            let end = endOfRun(buffer, from: next)
            while pending + (end - next) > Self.queueLimit {
                if ContinuousClock.now >= deadline { return next }
                _ = rd_kafka_poll(handle.native, 20)
            }
            let sent =
                buffer.entries[next].headers >= 0
                ? try sendWithHeaders(buffer, next, until: deadline)
                : try sendRun(buffer, next..<end, until: deadline)
            next += sent
            if next < end { return next }
        }
        serve()
        return next
    }

    /// Serves callbacks without waiting.
    public func serve() { _ = rd_kafka_poll(handle.native, 0) }

    /// Waits until everything sent has been acknowledged, and throws the first delivery that failed.
    public func flush(timeoutMilliseconds: Int32 = 30_000) throws(KafkaError) {
        try check(rd_kafka_flush(handle.native, timeoutMilliseconds), doing: "flush")
        try throwDeliveryFailure()
    }

    /// Throws the first delivery that failed since the last time, if one did.
    public func throwDeliveryFailure() throws(KafkaError) {
        serve()
        if let failure = handle.sink.takeDeliveryFailure() { throw failure }
    }

    /// Records handed over and not yet acknowledged.
    public var pending: Int { Int(rd_kafka_outq_len(handle.native)) }

    /// The error that ended the instance for good, if one did.
    public var fatalError: KafkaError? { handle.fatalError }

    /// Drops what was not sent and ends the instance.
    public func close() {
        if isClosed { return }
        isClosed = true
        if hasCalls {
            if calls.isStuck { return handle.leaveBehind() }
            calls.end()
        }
        // The handles are used by nobody else any more.
        nonisolated(unsafe) let handles = Array(topics.values)
        handle.destroy { native in
            rd_kafka_purge(native, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
            _ = rd_kafka_flush(native, 1_000)
            for topic in handles { rd_kafka_topic_destroy(topic) }
        }
    }

    /// Records to one topic without headers go out together.
    private func endOfRun(_ buffer: borrowing RecordBuffer, from first: Int) -> Int {
        if buffer.entries[first].headers >= 0 { return first + 1 }
        let topic = buffer.entries[first].topic
        let limit = min(buffer.entries.count, first + Self.runLimit)
        var end = first + 1
        while end < limit, buffer.entries[end].topic == topic, buffer.entries[end].headers < 0 { end += 1 }
        return end
    }

    private static let deliveriesPatience = Duration.seconds(86_400)

    /// Records that may wait in librdkafka's queue.
    private static let queueLimit = 200_000

    /// librdkafka takes a run of this many at once; more does not pay.
    private static let runLimit = 500

    /// Answers how many there was room for before the deadline: the first ones, in order.
    private func sendRun(
        _ buffer: borrowing RecordBuffer, _ run: Range<Int>, until deadline: ContinuousClock.Instant
    ) throws(KafkaError) -> Int {
        guard let topic = try topic(of: buffer, run, until: deadline) else { return run.count }
        let first = begin(run)
        let entries = buffer.entries
        var failure: rd_kafka_message_t?
        var sent = 0
        buffer.arena.withUnsafeBytes { arena in
            withUnsafeTemporaryAllocation(of: rd_kafka_message_t.self, capacity: run.count) { messages in
                messages.initialize(repeating: rd_kafka_message_t())
                for i in 0..<run.count {
                    Self.fill(&messages[i], entries[run.lowerBound + i], arena)
                    if let first { messages[i]._private = DeliveryLog.tag(first + i) }
                }
                (sent, failure) = produce(topic, messages, until: deadline)
            }
        }
        if let failure {
            throw KafkaError(failure.err, doing: "produce to \(String(cString: rd_kafka_topic_name(topic)))")
        }
        return sent
    }

    /// Produces `messages`, waiting for room until the deadline; answers how many are through, and the first that
    /// cannot be sent at all. With a log of deliveries that is noted there, and the others are sent.
    private func produce(
        _ topic: OpaquePointer, _ messages: UnsafeMutableBufferPointer<rd_kafka_message_t>,
        until deadline: ContinuousClock.Instant
    ) -> (sent: Int, failure: rd_kafka_message_t?) {
        let flags = Int32(RD_KAFKA_MSG_F_COPY) | Int32(RD_KAFKA_MSG_F_PARTITION)
        var remaining = messages.count
        guard let base = messages.baseAddress else { return (0, nil) }
        while remaining > 0 {
            let sent = rd_kafka_produce_batch(topic, RD_KAFKA_PARTITION_UA, flags, base, Int32(remaining))
            if sent == Int32(remaining) { break }
            // What was refused moves to the front, in order, and is tried again.
            var refused = 0
            for i in 0..<remaining where base[i].err != RD_KAFKA_RESP_ERR_NO_ERROR {
                if base[i].err != RD_KAFKA_RESP_ERR__QUEUE_FULL {
                    if note(base[i], topic) { continue }
                    return (0, base[i])
                }
                base[refused] = base[i]
                base[refused].err = RD_KAFKA_RESP_ERR_NO_ERROR
                refused += 1
            }
            remaining = refused
            // Which ones are refused when the queue is full is up to librdkafka: the last ones, in order.
            if ContinuousClock.now >= deadline { return (messages.count - remaining, nil) }
            _ = rd_kafka_poll(handle.native, 50)
        }
        return (messages.count, nil)
    }

    private static func fill(
        _ message: inout rd_kafka_message_t, _ entry: RecordBuffer.Entry, _ arena: UnsafeRawBufferPointer
    ) {
        message.partition = entry.partition
        guard let base = arena.baseAddress else { return }
        let start = UnsafeMutableRawPointer(mutating: base + entry.start)
        if entry.keyCount >= 0 {
            message.key = start
            message.key_len = Int(entry.keyCount)
        }
        if entry.valueCount >= 0 {
            message.payload = start + Int(max(0, entry.keyCount))
            message.len = Int(entry.valueCount)
        }
    }

    /// The topic's handle, once the cluster has told its topic partitions.
    ///
    /// They must be known before a record is produced in a transaction: librdkafka 2.0.2 would register topic
    /// partition -1 with it, which never succeeds.
    func topic(_ name: String, until deadline: ContinuousClock.Instant) throws(KafkaError) -> OpaquePointer {
        if let known = topics[name] { return known }
        guard let made = rd_kafka_topic_new(handle.native, name, nil) else {
            throw KafkaError(rd_kafka_last_error(), doing: "topic '\(name)'")
        }
        do throws(KafkaError) {
            try awaitMetadata(made, name, until: deadline)
        } catch {
            rd_kafka_topic_destroy(made)
            throw error
        }
        topics[name] = made
        return made
    }

    private func awaitMetadata(
        _ topic: OpaquePointer, _ name: String, until deadline: ContinuousClock.Instant
    ) throws(KafkaError) {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let left = max(1, (deadline - .now) / .milliseconds(1))
        try check(
            rd_kafka_metadata(handle.native, 0, topic, &metadata, Int32(left)),
            doing: "look up topic '\(name)'")
        guard let metadata else { return }
        defer { rd_kafka_metadata_destroy(metadata) }
        if metadata.pointee.topic_cnt > 0 {
            try check(metadata.pointee.topics[0].err, doing: "look up topic '\(name)'")
        }
    }
}
