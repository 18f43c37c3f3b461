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
        _ offsets: [TopicPartition: Int64], of consumer: any StreamConsumer,
        timeoutMilliseconds: Int32 = 30_000
    ) throws(KafkaError) {
        guard let consumer = consumer as? Consumer else {
            preconditionFailure("librdkafka's producer needs librdkafka's consumer")
        }
        let metadata = try consumer.groupMetadata()
        defer { rd_kafka_consumer_group_metadata_destroy(metadata) }
        let list = PartitionList(offsets.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        try check(
            rd_kafka_send_offsets_to_transaction(handle.native, list.native, metadata, timeoutMilliseconds),
            doing: "send offsets to transaction")
    }

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
