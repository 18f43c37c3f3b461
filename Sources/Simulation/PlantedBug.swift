internal import Kafka
internal import Streams
internal import Synchronization

/// A mistake that a runtime could make, built in around it, to see whether the simulation finds it.
public enum PlantedBug: String, Sendable, CaseIterable {
    /// Offsets are committed before the transaction that they belong to.
    case offsetsOutsideTransaction
    /// A worker that was fenced goes on with the state it had.
    case stateKeptAfterFencing
    /// What was sent in a transaction that was aborted is not sent again.
    case outputsLostOnAbort
}

/// A cluster whose producers have a bug.
final class BuggyCluster: Cluster {
    private let cluster: any Cluster
    private let bug: PlantedBug

    init(_ cluster: any Cluster, _ bug: PlantedBug) {
        self.cluster = cluster
        self.bug = bug
    }

    func makeConsumer(group: String, client: String) throws(KafkaError) -> any StreamConsumer {
        try cluster.makeConsumer(group: group, client: client)
    }

    func makeProducer(client: String, transactionalID: String?) throws(KafkaError) -> any StreamProducer {
        BuggyProducer(try cluster.makeProducer(client: client, transactionalID: transactionalID), bug)
    }

    func topicPartitionCounts() throws(KafkaError) -> [String: Int32] { try cluster.topicPartitionCounts() }

    func clients(ofGroup group: String) throws(KafkaError) -> Set<String> {
        try cluster.clients(ofGroup: group)
    }

    var now: ContinuousClock.Instant { cluster.now }

    func wait(_ duration: Duration) { cluster.wait(duration) }
}

private final class BuggyProducer: StreamProducer {
    private let producer: any StreamProducer
    private let bug: PlantedBug
    /// Records that the last aborted transaction had.
    private var lost = 0
    private var sent = 0

    init(_ producer: any StreamProducer, _ bug: PlantedBug) {
        self.producer = producer
        self.bug = bug
    }

    func initTransactions(timeoutMilliseconds: Int32) throws(KafkaError) {
        try producer.initTransactions(timeoutMilliseconds: timeoutMilliseconds)
    }

    func beginTransaction() throws(KafkaError) { try producer.beginTransaction() }

    func send(_ buffer: borrowing RecordBuffer, from first: Int, timeoutMilliseconds: Int32)
        throws(KafkaError) -> Int
    {
        let start = bug == .outputsLostOnAbort ? max(first, min(lost, buffer.count)) : first
        sent = try producer.send(buffer, from: start, timeoutMilliseconds: timeoutMilliseconds)
        return sent
    }

    func sendOffsets(
        _ offsets: [TopicPartition: Int64], of consumer: any StreamConsumer, timeoutMilliseconds: Int32
    ) throws(KafkaError) {
        if bug == .offsetsOutsideTransaction { return try consumer.commit(offsets) }
        try producer.sendOffsets(offsets, of: consumer, timeoutMilliseconds: timeoutMilliseconds)
    }

    func commitTransaction(timeoutMilliseconds: Int32) throws(KafkaError) {
        try producer.commitTransaction(timeoutMilliseconds: timeoutMilliseconds)
        (lost, sent) = (0, 0)
    }

    func abortTransaction(timeoutMilliseconds: Int32) throws(KafkaError) {
        try producer.abortTransaction(timeoutMilliseconds: timeoutMilliseconds)
        (lost, sent) = (sent, 0)
    }

    func flush(timeoutMilliseconds: Int32) throws(KafkaError) {
        try producer.flush(timeoutMilliseconds: timeoutMilliseconds)
    }

    var fatalError: KafkaError? { producer.fatalError }

    func close() { producer.close() }
}

/// The states of one process, which its workers ought to drop and do not.
final class ClingingMemory: Sendable {
    private let ledgers = Mutex<[Int32: Ledger]>([:])

    subscript(number: Int32) -> Ledger? {
        get { ledgers.withLock { $0[number] } }
        set { ledgers.withLock { $0[number] = newValue } }
    }
}
