internal import CRdkafka
public import Logging

/// Looks at a cluster and changes its topics. Calls block: use it off Swift's cooperative pool, or from a
/// command line where nothing else waits.
public final class Admin {
    let handle: ClientHandle
    let timeoutMilliseconds: Int32

    /// Connects on first use; every call gives up after `timeoutMilliseconds`.
    public init(_ configuration: ClientConfiguration, logger: Logger, timeoutMilliseconds: Int32 = 15_000)
        throws(KafkaError)
    {
        let sink = CallbackSink(logger: logger, statistics: nil)
        handle = try ClientHandle(RD_KAFKA_PRODUCER, configuration, sink)
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    /// The topics of the cluster and how many topic partitions and replicas each has.
    public func topics() throws(KafkaError) -> [TopicDescription] {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        try check(
            rd_kafka_metadata(handle.native, 1, nil, &metadata, timeoutMilliseconds), doing: "read metadata")
        guard let metadata else { return [] }
        defer { rd_kafka_metadata_destroy(metadata) }
        return (0..<Int(metadata.pointee.topic_cnt)).map { i in
            let topic = metadata.pointee.topics[i]
            let replicas = topic.partition_cnt > 0 ? topic.partitions[0].replica_cnt : 0
            return TopicDescription(
                name: String(cString: topic.topic), topicPartitions: topic.partition_cnt, replicas: replicas)
        }.sorted { $0.name < $1.name }
    }

    /// The oldest offset kept and the offset the next record will get.
    public func watermarks(of place: TopicPartition) throws(KafkaError) -> Range<Int64> {
        guard let range = try watermarks(of: [place])[place] else {
            throw KafkaError(
                RD_KAFKA_RESP_ERR__TIMED_OUT, "read watermarks of \(place): no answer", remedy: .retry)
        }
        return range
    }

    /// The same of several; one that the cluster does not tell is left out.
    ///
    /// It asks for them as for offsets at a time, which ends in time. librdkafka 2.0.2 may never return from
    /// `rd_kafka_query_watermark_offsets` when a connection was lost or the topic deleted meanwhile.
    public func watermarks(of places: [TopicPartition]) throws(KafkaError) -> [TopicPartition: Range<Int64>] {
        let low = try offsets(at: Self.beginning, of: places)
        let high = try offsets(at: Self.end, of: places)
        var ranges: [TopicPartition: Range<Int64>] = [:]
        for (place, low) in low {
            guard let high = high[place] else { continue }
            ranges[place] = low..<max(low, high)
        }
        return ranges
    }

    /// The times by which Kafka's protocol means the ends of a log.
    private static let beginning: Int64 = -2
    private static let end: Int64 = -1

    /// For each topic partition the first offset whose record is not older than `time` (epoch milliseconds).
    public func offsets(at time: Int64, of places: [TopicPartition]) throws(KafkaError)
        -> [TopicPartition: Int64]
    {
        let list = PartitionList(places.map { ($0, time) })
        try check(
            rd_kafka_offsets_for_times(handle.native, list.native, timeoutMilliseconds),
            doing: "read offsets for a time")
        return try list.offsets()
    }

    /// Runs one admin request and hands its result event to `read`.
    func request<Result>(
        _ operation: rd_kafka_admin_op_t, doing: String,
        _ start: (OpaquePointer, OpaquePointer?, OpaquePointer) -> Void,
        _ read: (OpaquePointer) throws(KafkaError) -> Result
    ) throws(KafkaError) -> Result {
        guard let queue = rd_kafka_queue_new(handle.native) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__FAIL, "no queue")
        }
        defer { rd_kafka_queue_destroy(queue) }
        let options = rd_kafka_AdminOptions_new(handle.native, operation)
        defer { rd_kafka_AdminOptions_destroy(options) }
        var text = [CChar](repeating: 0, count: 256)
        if operation != RD_KAFKA_ADMIN_OP_ANY {
            rd_kafka_AdminOptions_set_request_timeout(options, timeoutMilliseconds, &text, text.count)
        }
        start(handle.native, options, queue)
        // Some room beyond the request's own time-out, so that the broker's answer wins.
        guard let event = rd_kafka_queue_poll(queue, timeoutMilliseconds + 2_000) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT, "\(doing): no answer", remedy: .retry)
        }
        defer { rd_kafka_event_destroy(event) }
        let code = rd_kafka_event_error(event)
        if code != RD_KAFKA_RESP_ERR_NO_ERROR {
            let text = rd_kafka_event_error_string(event).map { String(cString: $0) } ?? ""
            throw KafkaError(code, doing: "\(doing): \(text)")
        }
        return try read(event)
    }
}

/// A topic as the cluster has it.
public struct TopicDescription: Sendable, Equatable {
    /// The name.
    public var name: String
    /// How many topic partitions it has.
    public var topicPartitions: Int32
    /// How many replicas each has.
    public var replicas: Int32

    /// Describes a topic.
    public init(name: String, topicPartitions: Int32, replicas: Int32) {
        self.name = name
        self.topicPartitions = topicPartitions
        self.replicas = replicas
    }
}
