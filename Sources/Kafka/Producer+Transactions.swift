internal import CRdkafka

extension Producer {
    /// Fences earlier holders of the transactional id. Once, before the first transaction.
    public func initTransactions(timeoutMilliseconds: Int32 = 30_000) throws(KafkaError) {
        try check(rd_kafka_init_transactions(handle.native, timeoutMilliseconds), doing: "init transactions")
    }

    /// Begins a transaction. Costs nothing: the broker learns of it with the first record.
    public func beginTransaction() throws(KafkaError) {
        try check(rd_kafka_begin_transaction(handle.native), doing: "begin transaction")
    }

    /// Adds the consumer's progress to the transaction, fenced by its membership of the group.
    public func sendOffsets(
        _ offsets: [TopicPartition: OffsetAndMetadata], of consumer: any StreamConsumer,
        timeoutMilliseconds: Int32 = 30_000
    ) throws(KafkaError) {
        guard let consumer = consumer as? Consumer else {
            preconditionFailure("librdkafka's producer needs librdkafka's consumer")
        }
        let metadata = try consumer.groupMetadata()
        let call = OffsetsCall(
            handle.native, metadata, PartitionList(positions: offsets), timeoutMilliseconds)
        let patience = Int(timeoutMilliseconds) + Self.graceMilliseconds
        guard calls.run(timeoutMilliseconds: patience, { call.make() }) else {
            throw KafkaError(
                RD_KAFKA_RESP_ERR__TIMED_OUT, "the client library does not return from sending offsets",
                remedy: .fatal)
        }
        try check(call.error, doing: "send offsets to transaction")
    }

    /// How long beyond its time-out a call may take on a busy machine before it counts as lost.
    private static let graceMilliseconds = 2_000

    /// Flushes and commits. After an error that `requiresAbort`, abort and send everything again; after one
    /// that `isRetriable`, call this again.
    public func commitTransaction(timeoutMilliseconds: Int32 = 30_000) throws(KafkaError) {
        try check(
            rd_kafka_commit_transaction(handle.native, timeoutMilliseconds), doing: "commit transaction")
        _ = handle.sink.takeDeliveryFailure()
    }

    /// Gives the transaction up; nothing of it becomes visible.
    public func abortTransaction(timeoutMilliseconds: Int32 = 30_000) throws(KafkaError) {
        try check(rd_kafka_abort_transaction(handle.native, timeoutMilliseconds), doing: "abort transaction")
        _ = handle.sink.takeDeliveryFailure()
    }
}

/// One call on the producer's other thread, with all it needs: if it never returns, nobody frees that.
private final class OffsetsCall {
    private let client: OpaquePointer
    private let metadata: OpaquePointer
    private let offsets: PartitionList
    private let timeoutMilliseconds: Int32
    /// What it answered.
    private(set) var error: OpaquePointer?

    init(
        _ client: OpaquePointer, _ metadata: OpaquePointer, _ offsets: consuming PartitionList,
        _ timeoutMilliseconds: Int32
    ) {
        self.client = client
        self.metadata = metadata
        self.offsets = offsets
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    deinit { rd_kafka_consumer_group_metadata_destroy(metadata) }

    func make() {
        error = rd_kafka_send_offsets_to_transaction(client, offsets.native, metadata, timeoutMilliseconds)
    }
}
