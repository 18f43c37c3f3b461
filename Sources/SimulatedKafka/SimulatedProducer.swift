public import Kafka

/// A producer that behaves as librdkafka's does, except that its queue moves only when its owner flushes or
/// commits, or the driver says so.
public final class SimulatedProducer: StreamProducer {
    /// The states of librdkafka's transactions.
    enum State: Equatable {
        case uninitialised, ready, open
        /// A commit was asked for; the queue is not empty yet.
        case flushing
        /// EndTxn may have been sent.
        case committing
        case aborting
        case failed(KafkaError)
        case dead(KafkaError)
    }

    /// What waits for one topic partition.
    struct Queue {
        var records: [StoredRecord] = []
        /// How many of them are under way: the same ones are sent until they are acknowledged.
        var underWay: Int?
        /// The number of the next record.
        var sequence: Int32 = 0
    }

    let process: SimulatedProcess
    let client: String
    let transactionalID: String?
    var identity: ProducerIdentity?
    var state: State
    var queues: [TopicPartition: Queue] = [:]
    /// What the open transaction was told of.
    var added: Set<TopicPartition> = []
    /// Whether the cluster may know of the open transaction.
    var isRegistered = false
    private var deliveryFailure: KafkaError?
    private var isClosed = false

    init(_ process: SimulatedProcess, client: String, transactionalID: String?) {
        self.process = process
        self.client = client
        self.transactionalID = transactionalID
        state = transactionalID == nil ? .ready : .uninitialised
    }

    var model: ClusterModel { process.model }

    func call<Result>(
        _ call: Operation.Call, _ place: TopicPartition? = nil, _ body: () throws(ErrorCode) -> Result
    ) throws(CallFailure) -> Result {
        let operation = Operation(
            call: call, place: place, client: client, isTransactional: transactionalID != nil)
        return try process.call(operation, body)
    }

    // MARK: Sending

    /// Queues records and answers the index of the first that there was no room for.
    public func send(_ buffer: borrowing RecordBuffer, from first: Int, timeoutMilliseconds: Int32)
        throws(KafkaError) -> Int
    {
        try check(transactionalID == nil ? .ready : .open, "send")
        let counts = model.topicPartitionCounts
        var room = process.queueLimit - queues.values.reduce(0) { $0 + $1.records.count }
        var index = 0
        var next = first
        try buffer.forEach(names: buffer.topics.map { StoredTopic($0) }, timestamp: nil) {
            (topic, record) throws(KafkaError) in
            defer { index += 1 }
            if index < first || room <= 0 { return }
            var stored = StoredRecord(record)
            stored.place.topic = buffer.topics[topic]
            guard let count = counts[stored.place.topic] else {
                throw KafkaError(.unknownTopicOrPartition, doing: "send to \(stored.place)", remedy: .fix)
            }
            if stored.place.partition < 0 { stored.place.partition = Self.partition(of: stored.key, count) }
            if stored.place.partition >= count {
                throw KafkaError(code: -190, reason: "there is no \(stored.place)", remedy: .fix)
            }
            queues[stored.place, default: Queue()].records.append(stored)
            room -= 1
            next = index + 1
        }
        return next
    }

    /// FNV-1a of the key.
    private static func partition(of key: [UInt8]?, _ count: Int32) -> Int32 {
        let hash = (key ?? []).reduce(2_166_136_261 as UInt32) { ($0 ^ UInt32($1)) &* 16_777_619 }
        return Int32(hash % UInt32(count))
    }

    /// Sends everything queued; throws the first delivery that failed.
    public func flush(timeoutMilliseconds: Int32) throws(KafkaError) {
        try checkUsable()
        sendBatches(.max)
        try checkUsable()
        if let failure = deliveryFailure {
            deliveryFailure = nil
            throw failure
        }
        if hasQueued { throw .timedOut("flush") }
    }

    var hasQueued: Bool { queues.values.contains { !$0.records.isEmpty } }

    /// Sends up to `limit` batches, in turn for the topic partitions, until one does not get through.
    func sendBatches(_ limit: Int) {
        var sent = 0
        do throws(CallFailure) {
            while hasQueued {
                for place in queues.keys.sorted() where queues[place]?.records.isEmpty == false {
                    if sent == limit { return }
                    guard canSend else { return }
                    try sendBatch(to: place)
                    sent += 1
                }
            }
        } catch {
            note(error, doing: "produce")
        }
    }

    private var canSend: Bool {
        if isClosed || process.isCrashed { return false }
        return transactionalID == nil ? state == .ready : state == .open || state == .flushing
    }

    /// Sends the batch under way, or the next one.
    func sendBatch(to place: TopicPartition) throws(CallFailure) {
        let producer = try identified()
        if let transactionalID, !added.contains(place) {
            isRegistered = true
            try call(.addPartitions, place) { () throws(ErrorCode) in
                try model.addPartitions([place], transactionalID: transactionalID, producer: producer)
            }
            added.insert(place)
        }
        guard let queue = queues[place] else { return }
        let count = queue.underWay ?? min(queue.records.count, process.batchRecords)
        queues[place]?.underWay = count
        do throws(CallFailure) {
            _ = try call(.produce, place) { () throws(ErrorCode) in
                try model.produce(
                    Array(queue.records.prefix(count)), to: place, by: producer, sequence: queue.sequence,
                    transactionalID: transactionalID)
            }
        } catch {
            if transactionalID == nil, !Self.isRetriable(error) { fail(error) }
            throw error
        }
        queues[place]?.records.removeFirst(count)
        queues[place]?.underWay = nil
        queues[place]?.sequence = Int32((Int64(queue.sequence) + Int64(count)) & Int64(Int32.max))
    }

    private func identified() throws(CallFailure) -> ProducerIdentity {
        if let identity { return identity }
        let made = try call(.initProducerID) { () throws(ErrorCode) in
            try model.initProducerID(transactionalID: nil)
        }
        identity = made
        return made
    }

    /// A plain delivery has failed for good. What is left goes out under another producer id, because the
    /// numbers of this one have a gap now.
    private func fail(_ failure: CallFailure) {
        if process.isCrashed { return }
        deliveryFailure = deliveryFailure ?? KafkaError(failure, doing: "produce", otherwise: .fix)
        identity = nil
        for place in queues.keys {
            // What else is under way may have arrived: it is given up rather than sent twice.
            let underWay = queues[place]?.underWay ?? 0
            queues[place]?.records.removeFirst(underWay)
            queues[place]?.underWay = nil
            queues[place]?.sequence = 0
        }
    }

    // MARK: Failures

    private static func isRetriable(_ failure: CallFailure) -> Bool {
        switch failure {
        case .fault(let error): error.isRetriable
        case .answer(let code): code == .concurrentTransactions
        }
    }

    /// Takes over what a failure means for the transaction, and answers it.
    @discardableResult
    func note(_ failure: CallFailure, doing: String) -> KafkaError {
        let error = KafkaError(failure, doing: doing, otherwise: .abort)
        if error.isFatal {
            state = .dead(error)
        } else if error.requiresAbort, state == .open || state == .flushing || state == .committing {
            state = .failed(error)
        }
        return error
    }

    /// Throws unless the producer is in this state.
    func check(_ expected: State, _ doing: String) throws(KafkaError) {
        try checkUsable()
        if state != expected { throw .wrongState("\(doing) while \(state)") }
    }

    func checkUsable() throws(KafkaError) {
        if process.isCrashed { throw .dead }
        if isClosed { throw .closed }
        switch state {
        case .dead(let error), .failed(let error): throw error
        default: break
        }
    }

    /// The error that ended the instance for good.
    public var fatalError: KafkaError? {
        if process.isCrashed { return .dead }
        if case .dead(let error) = state { return error }
        return nil
    }

    /// Drops what was not sent and ends the instance. An open transaction stays open, as with librdkafka.
    public func close() {
        isClosed = true
        queues = [:]
    }
}
