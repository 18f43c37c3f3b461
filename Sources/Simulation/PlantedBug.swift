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
    /// The end of a consumer waits for the answer to a rebalance that nobody gives, and never comes.
    case endsWithoutAnswer
    /// Topic partitions that were paused when they were given away are not resumed when they come back.
    case pausedForGood
    /// A producer that is dead for good is asked again and again.
    case deadProducerKept
}

/// A cluster whose producers have a bug.
final class BuggyCluster: Cluster {
    private let cluster: any Cluster
    private let bug: PlantedBug
    /// Whether a call has been made that never returns.
    private(set) var isHung = false

    init(_ cluster: any Cluster, _ bug: PlantedBug) {
        self.cluster = cluster
        self.bug = bug
    }

    func makeConsumer(group: String, client: String, instance: String?) throws(KafkaError)
        -> any StreamConsumer
    {
        let consumer = try cluster.makeConsumer(group: group, client: client, instance: instance)
        return bug.isOfConsumer ? BuggyConsumer(consumer, bug, hang: { self.isHung = true }) : consumer
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

extension PlantedBug {
    fileprivate var isOfConsumer: Bool { self == .endsWithoutAnswer || self == .pausedForGood }
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

    func beginTransaction() throws(KafkaError) {
        try alive { () throws(KafkaError) in try producer.beginTransaction() }
    }

    /// With the bug, no error is the end of the producer.
    private func alive<Result>(_ body: () throws(KafkaError) -> Result) throws(KafkaError) -> Result {
        do throws(KafkaError) {
            return try body()
        } catch {
            if bug != .deadProducerKept { throw error }
            throw KafkaError(code: -185, reason: error.reason, remedy: .retry)
        }
    }

    func send(_ buffer: borrowing RecordBuffer, from first: Int, timeoutMilliseconds: Int32)
        throws(KafkaError) -> Int
    {
        let start = bug == .outputsLostOnAbort ? max(first, min(lost, buffer.count)) : first
        do throws(KafkaError) {
            sent = try producer.send(buffer, from: start, timeoutMilliseconds: timeoutMilliseconds)
        } catch {
            try alive { () throws(KafkaError) in throw error }
        }
        return sent
    }

    func sendOffsets(
        _ offsets: [TopicPartition: OffsetAndMetadata], of consumer: any StreamConsumer,
        timeoutMilliseconds: Int32
    ) throws(KafkaError) {
        if bug == .offsetsOutsideTransaction {
            return try consumer.commit(offsets, timeoutMilliseconds: timeoutMilliseconds)
        }
        let consumer = (consumer as? BuggyConsumer)?.consumer ?? consumer
        try producer.sendOffsets(offsets, of: consumer, timeoutMilliseconds: timeoutMilliseconds)
    }

    func commitTransaction(timeoutMilliseconds: Int32) throws(KafkaError) {
        try alive { () throws(KafkaError) in
            try producer.commitTransaction(timeoutMilliseconds: timeoutMilliseconds)
        }
        (lost, sent) = (0, 0)
    }

    func abortTransaction(timeoutMilliseconds: Int32) throws(KafkaError) {
        try alive { () throws(KafkaError) in
            try producer.abortTransaction(timeoutMilliseconds: timeoutMilliseconds)
        }
        (lost, sent) = (sent, 0)
    }

    func flush(timeoutMilliseconds: Int32) throws(KafkaError) {
        try producer.flush(timeoutMilliseconds: timeoutMilliseconds)
    }

    var fatalError: KafkaError? { bug == .deadProducerKept ? nil : producer.fatalError }

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
