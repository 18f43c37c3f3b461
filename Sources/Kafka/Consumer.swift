internal import CRdkafka
public import Logging

/// A member of a consumer group, or a reader of topic partitions it chose itself.
///
/// Not `Sendable`, by design: one thread makes it, polls it and closes it. All of librdkafka's callbacks run
/// inside `poll`, on that thread.
public final class Consumer: StreamConsumer {
    private let handle: ClientHandle
    private let queue: OpaquePointer
    private var isClosed = false

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
    }

    deinit {
        if !isClosed { close() }
    }

    /// Joins the group for `topics`. Assignments arrive through `takeRebalance`.
    public func subscribe(to topics: [String]) throws(KafkaError) {
        let list = PartitionList(topics.map { TopicPartition($0, RD_KAFKA_PARTITION_UA) })
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
        throws(KafkaError) -> [TopicPartition: Int64]
    {
        let list = PartitionList(places)
        try check(
            rd_kafka_committed(handle.native, list.native, timeoutMilliseconds),
            doing: "read committed offsets")
        return try list.offsets()
    }

    /// Commits offsets outside of a transaction: for stages that run at least once.
    public func commit(_ offsets: [TopicPartition: Int64]) throws(KafkaError) {
        if offsets.isEmpty { return }
        let list = PartitionList(offsets.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        try check(rd_kafka_commit(handle.native, list.native, 0), doing: "commit offsets")
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

    /// Leaves the group and ends the instance. Rebalances on the way out are answered here.
    public func close() {
        if isClosed { return }
        isClosed = true
        handle.sink.answerRebalances()
        rd_kafka_consumer_close(handle.native)
        rd_kafka_queue_destroy(queue)
        handle.destroy()
    }
}
