/// All that the stream runtime needs of Kafka, so that it runs the same on librdkafka and on a simulated
/// cluster.
///
/// Time comes from here too: whoever waits or measures asks the cluster, and a simulated one has a clock of its
/// own.
public protocol Cluster: AnyObject {
    /// Makes a consumer of group `group`. `client` names the process for people and for the group. A member with an
    /// `instance` id takes the place of whoever had it, without a rebalance (KIP-345).
    func makeConsumer(group: String, client: String, instance: String?) throws(KafkaError)
        -> any StreamConsumer

    /// Makes a producer; with a transactional id it sends in transactions.
    func makeProducer(client: String, transactionalID: String?) throws(KafkaError) -> any StreamProducer

    /// How many topic partitions each topic has.
    func topicPartitionCounts() throws(KafkaError) -> [String: Int32]

    /// The `client` of each live member of a group.
    func clients(ofGroup group: String) throws(KafkaError) -> Set<String>

    /// Now, on a clock that only moves forward.
    var now: ContinuousClock.Instant { get }

    /// Lets time pass.
    func wait(_ duration: Duration)
}

extension Cluster {
    /// Makes a consumer that is no static member.
    public func makeConsumer(group: String, client: String) throws(KafkaError) -> any StreamConsumer {
        try makeConsumer(group: group, client: client, instance: nil)
    }
}

/// A member of a consumer group, or a reader of topic partitions it chose itself. One thread uses it.
public protocol StreamConsumer: AnyObject {
    /// Joins the group for `topics`.
    func subscribe(to topics: [String]) throws(KafkaError)

    /// Reads exactly these topic partitions from these offsets, outside of any group.
    func assign(_ offsets: [TopicPartition: Int64]) throws(KafkaError)

    /// Waits up to `timeoutMilliseconds` for something, then takes what is there, up to `maximum`.
    func poll(maximum: Int, timeoutMilliseconds: Int32) -> MessageBatch

    /// What the group decided during the last poll; to be answered with `accept`.
    func takeRebalance() -> Rebalance?

    /// Takes over topic partitions from the offsets given, or gives them away.
    func accept(_ rebalance: Rebalance, startingAt offsets: [TopicPartition: Int64]) throws(KafkaError)

    /// The group's committed offsets; none where nothing was committed. Waits for transactions that are about
    /// to change them.
    func committed(_ places: [TopicPartition], timeoutMilliseconds: Int32) throws(KafkaError)
        -> [TopicPartition: OffsetAndMetadata]

    /// Commits offsets outside of a transaction.
    func commit(_ offsets: [TopicPartition: OffsetAndMetadata], timeoutMilliseconds: Int32)
        throws(KafkaError)

    /// The offsets that a topic partition's log holds now, open transactions among them.
    func logRange(of place: TopicPartition, timeoutMilliseconds: Int32) throws(KafkaError) -> Range<Int64>

    /// Stops fetching; what was fetched and not taken is fetched again after `resume`.
    func pause(_ places: [TopicPartition]) throws(KafkaError)

    /// Goes on fetching.
    func resume(_ places: [TopicPartition]) throws(KafkaError)

    /// The error that ended the instance for good, if one did.
    var fatalError: KafkaError? { get }

    /// Ends the instance, within a bounded time. With `leavesGroup` the group is told.
    func close(leavesGroup: Bool)
}

extension StreamConsumer {
    /// Leaves the group and ends the instance.
    public func close() { close(leavesGroup: true) }

    /// Commits offsets outside of a transaction, within ten seconds.
    public func commit(_ offsets: [TopicPartition: OffsetAndMetadata]) throws(KafkaError) {
        try commit(offsets, timeoutMilliseconds: 10_000)
    }
}

/// Publishes records, in transactions if it has a transactional id. One thread uses it.
public protocol StreamProducer: AnyObject {
    /// Fences earlier holders of the transactional id and ends what they left open. May be called again
    /// after a time-out.
    func initTransactions(timeoutMilliseconds: Int32) throws(KafkaError)

    /// Begins a transaction.
    func beginTransaction() throws(KafkaError)

    /// Hands over the records of `buffer` from index `first` on and answers the index of the first that there
    /// was no room for within the time-out.
    func send(_ buffer: borrowing RecordBuffer, from first: Int, timeoutMilliseconds: Int32)
        throws(KafkaError) -> Int

    /// Adds a consumer's progress to the transaction, fenced by its membership of the group.
    func sendOffsets(
        _ offsets: [TopicPartition: OffsetAndMetadata], of consumer: any StreamConsumer,
        timeoutMilliseconds: Int32)
        throws(KafkaError)

    /// Flushes and commits. After an error that `requiresAbort`, abort and send everything again; after one
    /// that `isRetriable`, call this again.
    func commitTransaction(timeoutMilliseconds: Int32) throws(KafkaError)

    /// Gives the transaction up; nothing of it becomes visible.
    func abortTransaction(timeoutMilliseconds: Int32) throws(KafkaError)

    /// Waits until everything sent is acknowledged; throws the first delivery that failed.
    func flush(timeoutMilliseconds: Int32) throws(KafkaError)

    /// The error that ended the instance for good, if one did.
    var fatalError: KafkaError? { get }

    /// Drops what was not sent and ends the instance.
    func close()
}
