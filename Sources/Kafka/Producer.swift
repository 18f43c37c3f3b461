internal import CRdkafka
public import Logging

/// Publishes records, idempotently, and in transactions if it was given a `transactional.id`.
///
/// Not `Sendable`, by design: one thread makes it, sends with it and closes it. Deliveries that failed are
/// thrown by `flush` and `commitTransaction`.
public final class Producer: StreamProducer {
    let handle: ClientHandle
    private var topics: [String: OpaquePointer] = [:]
    private var isClosed = false

    /// Makes a producer. Idempotence is on unless the settings say otherwise.
    public init(_ configuration: ClientConfiguration, logger: Logger, statistics: StatisticsReporter? = nil)
        throws(KafkaError)
    {
        let sink = CallbackSink(logger: logger, statistics: statistics)
        let settings = configuration.defaulting([
            "enable.idempotence": "true",
            "linger.ms": "5",
            "compression.codec": "lz4",
            "delivery.report.only.error": "true",
            "statistics.interval.ms": statistics == nil ? "0" : "10000",
            "queue.buffering.max.messages": String(Self.queueLimit + 1_000),
            // What came in must fit when it goes on to the dead letters: the topics take 16 and 17 MiB.
            "message.max.bytes": "18000000",
        ])
        handle = try ClientHandle(RD_KAFKA_PRODUCER, settings, sink, configure: sink.installDelivery)
    }

    deinit { close() }

    /// Hands over all records of `buffer`, and waits where the queue is full.
    public func send(_ buffer: borrowing RecordBuffer) throws(KafkaError) {
        var next = 0
        while next < buffer.entries.count {
            next = try send(buffer, from: next, timeoutMilliseconds: 1_000)
            try throwDeliveryFailure()
        }
    }

    /// Hands over the records of `buffer` from index `first` on, and waits where the queue is full: this is
    /// where a slow broker slows down everything before it. Answers the index of the first record that there
    /// was no room for.
    public func send(_ buffer: borrowing RecordBuffer, from first: Int, timeoutMilliseconds: Int32)
        throws(KafkaError) -> Int
    {
        let deadline = ContinuousClock.now + .milliseconds(timeoutMilliseconds)
        var next = first
        while next < buffer.entries.count {
            let end = endOfRun(buffer, from: next)
            while pending + (end - next) > Self.queueLimit {
                if ContinuousClock.now >= deadline { return next }
                _ = rd_kafka_poll(handle.native, 20)
            }
            if buffer.entries[next].headers >= 0 {
                try sendWithHeaders(buffer, next)
            } else {
                try sendRun(buffer, next..<end)
            }
            next = end
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
        rd_kafka_purge(handle.native, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
        _ = rd_kafka_flush(handle.native, 1_000)
        for topic in topics.values { rd_kafka_topic_destroy(topic) }
        handle.destroy()
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

    /// Records that may wait in librdkafka's queue.
    private static let queueLimit = 200_000

    /// librdkafka takes a run of this many at once; more does not pay.
    private static let runLimit = 500

    private func sendRun(_ buffer: borrowing RecordBuffer, _ run: Range<Int>) throws(KafkaError) {
        let topic = try topic(buffer.topics[Int(buffer.entries[run.lowerBound].topic)])
        let entries = buffer.entries
        var failure: rd_kafka_message_t?
        buffer.arena.withUnsafeBytes { arena in
            withUnsafeTemporaryAllocation(of: rd_kafka_message_t.self, capacity: run.count) { messages in
                messages.initialize(repeating: rd_kafka_message_t())
                for i in 0..<run.count { Self.fill(&messages[i], entries[run.lowerBound + i], arena) }
                failure = produce(topic, messages)
            }
        }
        if let failure {
            throw KafkaError(failure.err, doing: "produce to \(String(cString: rd_kafka_topic_name(topic)))")
        }
    }

    /// Produces all of `messages`, waiting for room; answers the first that cannot be sent at all.
    private func produce(_ topic: OpaquePointer, _ messages: UnsafeMutableBufferPointer<rd_kafka_message_t>)
        -> rd_kafka_message_t?
    {
        let flags = Int32(RD_KAFKA_MSG_F_COPY) | Int32(RD_KAFKA_MSG_F_PARTITION)
        var remaining = messages.count
        guard let base = messages.baseAddress else { return nil }
        while remaining > 0 {
            let sent = rd_kafka_produce_batch(topic, RD_KAFKA_PARTITION_UA, flags, base, Int32(remaining))
            if sent == Int32(remaining) { return nil }
            // What was refused moves to the front, in order, and is tried again.
            var refused = 0
            for i in 0..<remaining where base[i].err != RD_KAFKA_RESP_ERR_NO_ERROR {
                if base[i].err != RD_KAFKA_RESP_ERR__QUEUE_FULL { return base[i] }
                base[refused] = base[i]
                base[refused].err = RD_KAFKA_RESP_ERR_NO_ERROR
                refused += 1
            }
            remaining = refused
            _ = rd_kafka_poll(handle.native, 50)
        }
        return nil
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
    func topic(_ name: String) throws(KafkaError) -> OpaquePointer {
        if let known = topics[name] { return known }
        guard let made = rd_kafka_topic_new(handle.native, name, nil) else {
            throw KafkaError(rd_kafka_last_error(), doing: "topic '\(name)'")
        }
        do throws(KafkaError) {
            try awaitMetadata(made, name)
        } catch {
            rd_kafka_topic_destroy(made)
            throw error
        }
        topics[name] = made
        return made
    }

    private func awaitMetadata(_ topic: OpaquePointer, _ name: String) throws(KafkaError) {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        try check(
            rd_kafka_metadata(handle.native, 0, topic, &metadata, 30_000), doing: "look up topic '\(name)'")
        guard let metadata else { return }
        defer { rd_kafka_metadata_destroy(metadata) }
        if metadata.pointee.topic_cnt > 0 {
            try check(metadata.pointee.topics[0].err, doing: "look up topic '\(name)'")
        }
    }
}
