internal import Kafka
internal import Logging

/// Sends a worker's outputs and commits them together with its progress and its snapshots.
///
/// What is uncommitted is kept: after an abort it is sent again, and the processors' state needs no undo
/// because it is still the fold of the input.
struct OutputCommitter {
    /// What became of an attempt.
    enum Outcome: Equatable {
        /// All is committed; the buffers are empty.
        case committed
        /// The group is being shared out anew: nothing was committed, and the consumer must be polled before
        /// the next attempt. Waiting here would hold up the whole group.
        case groupIsRebalancing
        /// Nothing is committed yet. Call again, without adding anything meanwhile.
        case pending
    }

    /// What waits for the next commit.
    struct Pending: Sendable {
        var outputs: Outputs
        var snapshots: RecordBuffer
    }

    private let consumer: any StreamConsumer
    /// Of outputs that are visible at once; nil when everything is in transactions.
    private let plain: (any StreamProducer)?
    private var transactions: TransactionalSender
    private var sentPlainly = 0
    private var failures = 0
    private var lastReport: ContinuousClock.Instant?
    private let cluster: any Cluster
    private let retries: Int
    private let timeout: Int32
    private let logger: Logger

    private static let outputs = 0
    private static let snapshots = 1

    init(
        cluster: any Cluster, consumer: any StreamConsumer, client: String,
        configuration: StreamConfiguration, logger: Logger
    ) throws(KafkaError) {
        self.cluster = cluster
        self.consumer = consumer
        self.logger = logger
        retries = configuration.retries
        timeout = Int32(configuration.requestTimeoutMilliseconds)
        plain =
            configuration.guarantee == .atLeastOnce
            ? try cluster.makeProducer(client: client, transactionalID: nil) : nil
        transactions = TransactionalSender(
            producer: try cluster.makeProducer(client: client, transactionalID: client),
            timeoutMilliseconds: configuration.requestTimeoutMilliseconds)
    }

    /// The error that ended a producer for good, if one did.
    var fatalError: KafkaError? { transactions.fatalError ?? plain?.fatalError }

    /// Ends what a process that died left open under this name.
    mutating func fence() throws(KafkaError) { try transactions.fence() }

    /// Hands what is new in the outputs to the producer, as far as there is room.
    mutating func send(_ outputs: borrowing RecordBuffer) throws(KafkaError) {
        do throws(KafkaError) {
            _ = try sendAll(outputs)
        } catch {
            // A commit that meets the same error knows what to do about it.
            if error.isFatal || error.isFenced { throw error }
            if !error.isRetriable && !error.requiresAbort { throw error }
        }
    }

    /// Tries once to commit everything pending and `offsets`.
    mutating func commit(
        _ pending: inout Pending, offsets: [TopicPartition: OffsetAndMetadata]
    ) throws(KafkaError) -> Outcome {
        if pending.outputs.buffer.isEmpty && pending.snapshots.isEmpty && offsets.isEmpty {
            return .committed
        }
        do throws(KafkaError) {
            guard try commitOnce(pending, offsets) else { return .pending }
            pending.outputs.buffer.removeAll()
            pending.snapshots.removeAll()
            sentPlainly = 0
            failures = 0
            lastReport = nil
            return .committed
        } catch {
            return try outcome(of: error)
        }
    }

    /// Ends what was given up and could not be ended then: its offsets hold back whoever asks for them.
    mutating func settle() throws(KafkaError) { try transactions.settle() }

    /// Gives up what is uncommitted: another member owns it now.
    mutating func abandon(_ pending: inout Pending) throws(KafkaError) {
        try transactions.abortSooner()
        sentPlainly = 0
        pending.outputs.buffer.removeAll()
        pending.snapshots.removeAll()
    }

    /// Ends the producers.
    func close() {
        transactions.close()
        plain?.close()
    }

    private mutating func outcome(of error: KafkaError) throws(KafkaError) -> Outcome {
        if error.isFatal || (error.isFenced && !error.isRebalancing) { throw error }
        if error.requiresAbort {
            try transactions.abortSooner()
        }
        if error.isRebalancing { return .groupIsRebalancing }
        if error.requiresAbort {
            failures += 1
            if failures > retries { throw error }
        } else if !error.isRetriable {
            throw error
        }
        report(error)
        return .pending
    }

    /// An outage is told once, and again every ten seconds; not with each attempt.
    private mutating func report(_ error: KafkaError) {
        let now = cluster.now
        if let last = lastReport, now - last < .seconds(10) { return }
        lastReport = now
        logger.warning("a commit failed and is tried again: \(error)")
    }

    private mutating func sendAll(_ outputs: borrowing RecordBuffer) throws(KafkaError) -> Bool {
        guard let plain else { return try transactions.send(outputs, index: Self.outputs) }
        if sentPlainly < outputs.count {
            sentPlainly = try plain.send(outputs, from: sentPlainly, timeoutMilliseconds: timeout)
        }
        return sentPlainly == outputs.count
    }

    /// False if there was no room for everything.
    private mutating func commitOnce(
        _ pending: borrowing Pending, _ offsets: [TopicPartition: OffsetAndMetadata]
    ) throws(KafkaError) -> Bool {
        guard try sendAll(pending.outputs.buffer) else { return false }
        if let plain {
            try plain.flush(timeoutMilliseconds: timeout)
            if pending.snapshots.isEmpty {
                try consumer.commit(offsets, timeoutMilliseconds: timeout)
                return true
            }
        }
        guard try transactions.send(pending.snapshots, index: Self.snapshots) else { return false }
        try transactions.commit(offsets, of: consumer)
        return true
    }
}
