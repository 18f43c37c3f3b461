internal import CRdkafka
public import Logging

/// A member of a consumer group, or a reader of topic partitions it chose itself.
///
/// Not `Sendable`, by design: one thread makes it, polls it and closes it. All of librdkafka's callbacks run
/// inside `poll`, on that thread.
public final class Consumer: StreamConsumer {
    private let handle: ClientHandle
    private let queue: OpaquePointer
    private let isMember: Bool
    private var isClosed = false
    private var isSubscribed = false

    /// Makes a consumer. Offsets are never stored or committed behind the caller's back, and the end of every
    /// topic partition is reported.
    public init(_ configuration: ClientConfiguration, logger: Logger, statistics: StatisticsReporter? = nil)
        throws(KafkaError)
    {
        let sink = CallbackSink(logger: logger, statistics: statistics)
        let settings = configuration.defaulting([
            "group.id": "foreshadow",
            "auto.offset.reset": "earliest",
            "partition.assignment.strategy": "range",
            "isolation.level": "read_committed",
            "statistics.interval.ms": statistics == nil ? "0" : "10000",
        ]).setting([
            "enable.auto.commit": "false",
            "enable.auto.offset.store": "false",
            "enable.partition.eof": "true",
        ])
        handle = try ClientHandle(RD_KAFKA_CONSUMER, settings, sink, configure: sink.installRebalance)
        rd_kafka_poll_set_consumer(handle.native)
        guard let queue = rd_kafka_queue_get_consumer(handle.native) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__FAIL, "the consumer has no queue")
        }
        self.queue = queue
        isMember = configuration.settings["group.instance.id"] != nil
    }

    deinit {
        close(leavesGroup: true)
    }

    /// Joins the group for `topics`. Assignments arrive through `takeRebalance`.
    public func subscribe(to topics: [String]) throws(KafkaError) {
        let list = PartitionList(topics.map { TopicPartition($0, RD_KAFKA_PARTITION_UA) })
        isSubscribed = true
        try check(rd_kafka_subscribe(handle.native, list.native), doing: "subscribe to \(topics)")
    }

    /// Waits up to `timeoutMilliseconds` for the first record, then takes what is there, up to `maximum`.
    ///
    /// librdkafka's batch call waits for a full batch or its time-out; so what is there is taken at once, and
    /// only when nothing is, one record is waited for.
    public func poll(maximum: Int, timeoutMilliseconds: Int32) -> MessageBatch {
        MessageBatch(capacity: maximum) { [queue] buffer, capacity in
            let ready = Int(rd_kafka_consume_batch_queue(queue, 0, buffer, capacity))
            if ready > 0 || timeoutMilliseconds == 0 { return ready }
            return Int(rd_kafka_consume_batch_queue(queue, timeoutMilliseconds, buffer, 1))
        }
    }

    /// What the group decided during the last poll. It must be answered with `accept` before the group goes on.
    public func takeRebalance() -> Rebalance? { handle.sink.takeRebalance() }

    /// Takes over topic partitions from the offsets given, or gives them away.
    ///
    /// `offsets` says where to start; a topic partition that it does not name starts where the group left off.
    public func accept(_ rebalance: Rebalance, startingAt offsets: [TopicPartition: Int64] = [:])
        throws(KafkaError)
    {
        handle.sink.rebalanceAnswered()
        switch rebalance {
        case .assign(let places, let incremental):
            let stored = Int64(RD_KAFKA_OFFSET_STORED)
            let list = PartitionList(places.map { ($0, offsets[$0] ?? stored) })
            if incremental {
                try check(rd_kafka_incremental_assign(handle.native, list.native), doing: "assign")
            } else {
                try check(rd_kafka_assign(handle.native, list.native), doing: "assign")
            }
        case .revoke(let places, let incremental, _):
            if incremental {
                let list = PartitionList(places)
                try check(rd_kafka_incremental_unassign(handle.native, list.native), doing: "unassign")
            } else {
                try check(rd_kafka_assign(handle.native, nil), doing: "unassign")
            }
        }
    }

    /// Reads exactly these topic partitions from these offsets, outside of any group.
    public func assign(_ offsets: [TopicPartition: Int64]) throws(KafkaError) {
        let list = PartitionList(offsets.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        try check(rd_kafka_assign(handle.native, list.native), doing: "assign")
    }

    /// The group's committed offset of each topic partition; none where nothing was committed.
    public func committed(_ places: [TopicPartition], timeoutMilliseconds: Int32 = 10_000)
        throws(KafkaError) -> [TopicPartition: OffsetAndMetadata]
    {
        let list = PartitionList(places)
        try check(
            rd_kafka_committed(handle.native, list.native, timeoutMilliseconds),
            doing: "read committed offsets")
        return try list.positions()
    }

    /// Commits offsets outside of a transaction: for stages that run at least once.
    ///
    /// librdkafka's own call waits for its coordinator without bound, so the answer is waited for here.
    public func commit(_ offsets: [TopicPartition: OffsetAndMetadata], timeoutMilliseconds: Int32 = 10_000)
        throws(KafkaError)
    {
        if offsets.isEmpty { return }
        guard let answers = rd_kafka_queue_new(handle.native) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__FAIL, "no queue")
        }
        defer { rd_kafka_queue_destroy(answers) }
        let list = PartitionList(positions: offsets)
        try check(
            rd_kafka_commit_queue(handle.native, list.native, answers, nil, nil), doing: "commit offsets")
        guard let answer = rd_kafka_queue_poll(answers, timeoutMilliseconds) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT, doing: "commit offsets")
        }
        defer { rd_kafka_event_destroy(answer) }
        try check(rd_kafka_event_error(answer), doing: "commit offsets")
    }

    /// The offsets that a topic partition's log holds now: from its oldest record to the end, open transactions
    /// among them.
    public func logRange(of place: TopicPartition, timeoutMilliseconds: Int32) throws(KafkaError)
        -> Range<Int64>
    {
        // As for offsets at a time, which ends in time: librdkafka 2.0.2 may never return from
        // rd_kafka_query_watermark_offsets when a connection was lost meanwhile.
        func offset(at time: Int64) throws(KafkaError) -> Int64 {
            let list = PartitionList([(place, time)])
            try check(
                rd_kafka_offsets_for_times(handle.native, list.native, timeoutMilliseconds),
                doing: "read the ends of \(place)")
            guard let found = try list.offsets()[place] else {
                throw KafkaError(
                    RD_KAFKA_RESP_ERR__TIMED_OUT, "read the ends of \(place): no answer", remedy: .retry)
            }
            return found
        }
        // The times by which Kafka's protocol means the ends of a log.
        let low = try offset(at: -2)
        return low..<max(low, try offset(at: -1))
    }

    /// Stops and resumes fetching of topic partitions.
    public func pause(_ places: [TopicPartition]) throws(KafkaError) {
        let list = PartitionList(places)
        try check(rd_kafka_pause_partitions(handle.native, list.native), doing: "pause")
    }

    /// Resumes fetching.
    public func resume(_ places: [TopicPartition]) throws(KafkaError) {
        let list = PartitionList(places)
        try check(rd_kafka_resume_partitions(handle.native, list.native), doing: "resume")
    }

    /// The membership that a transaction's offsets are fenced by.
    func groupMetadata() throws(KafkaError) -> OpaquePointer {
        guard let metadata = rd_kafka_consumer_group_metadata(handle.native) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__STATE, "the consumer is in no group")
        }
        return metadata
    }

    /// The error that ended the instance for good, if one did.
    public var fatalError: KafkaError? { handle.fatalError }

    /// Leaves the group and ends the instance. Rebalances on the way out are answered here. Waits for a bounded time:
    /// an instance that does not end is left behind.
    ///
    /// Without `leavesGroup` the group is not told: somebody else comes back under the same instance id, or the
    /// session runs out.
    public func close(leavesGroup: Bool) {
        if isClosed { return }
        isClosed = true
        let sink = handle.sink
        let isAnswerDue = sink.answerRebalances()
        let leavesByUnsubscribing = isMember && isSubscribed
        // The queue is used by nobody else any more.
        nonisolated(unsafe) let queue = queue
        handle.destroy(closesConsumer: leavesGroup) { native in
            // A rebalance that nobody answered would be waited for without end.
            if isAnswerDue { rd_kafka_assign(native, nil) }
            if leavesGroup {
                if leavesByUnsubscribing { Self.unsubscribe(native, queue) }
                rd_kafka_consumer_close(native)
            }
            rd_kafka_queue_destroy(queue)
        }
    }

    /// A member with an instance id stays in its group when it closes, and leaves when it unsubscribes.
    private static func unsubscribe(_ native: OpaquePointer, _ queue: OpaquePointer) {
        guard rd_kafka_unsubscribe(native) == RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        let end = ContinuousClock.now + .milliseconds(leaveMilliseconds)
        while ContinuousClock.now < end {
            if let message = rd_kafka_consumer_poll(native, 10) { rd_kafka_message_destroy(message) }
            var assignment: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
            guard rd_kafka_assignment(native, &assignment) == RD_KAFKA_RESP_ERR_NO_ERROR, let assignment
            else {
                return
            }
            defer { rd_kafka_topic_partition_list_destroy(assignment) }
            if assignment.pointee.cnt == 0 { return }
        }
    }

    /// How long giving up the topic partitions may take on the way out.
    private static let leaveMilliseconds = 500
}
