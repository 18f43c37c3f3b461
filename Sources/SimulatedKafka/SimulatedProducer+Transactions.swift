public import Kafka

/// Transactions.
extension SimulatedProducer {
    /// Fences earlier holders of the transactional id and ends what they left open.
    public func initTransactions(timeoutMilliseconds: Int32) throws(KafkaError) {
        try check(.uninitialised, "initialise transactions")
        guard let transactionalID else { throw .wrongState("the producer has no transactional id") }
        let timeout = process.transactionTimeout
        try attempt("initialise transactions", tries: 2) { () throws(CallFailure) in
            identity = try call(.initProducerID) { () throws(ErrorCode) in
                try model.initProducerID(transactionalID: transactionalID, timeout: timeout)
            }
        }
        state = .ready
    }

    /// Begins a transaction; the cluster learns of it with the first record.
    public func beginTransaction() throws(KafkaError) {
        if transactionalID == nil { throw .wrongState("the producer has no transactional id") }
        try check(.ready, "begin a transaction")
        state = .open
    }

    /// Adds the consumer's progress to the transaction.
    public func sendOffsets(
        _ offsets: [TopicPartition: OffsetAndMetadata], of consumer: any StreamConsumer,
        timeoutMilliseconds: Int32
    ) throws(KafkaError) {
        guard let consumer = consumer as? SimulatedConsumer else {
            preconditionFailure("a simulated producer needs a simulated consumer")
        }
        try check(.open, "send offsets")
        guard let transactionalID, let identity, !offsets.isEmpty else { return }
        // Read before the calls: the membership they are made for is the one of now.
        let (group, membership) = (consumer.group, consumer.membership)
        isRegistered = true
        try attempt("send offsets", tries: 1) { () throws(CallFailure) in
            try call(.addOffsets) { () throws(ErrorCode) in
                try model.addOffsets(
                    ofGroup: group, transactionalID: transactionalID, producer: identity)
            }
            try call(.commitTransactionOffsets) { () throws(ErrorCode) in
                try model.commitOffsets(
                    offsets.mapValues { CommittedOffset($0.offset, metadata: $0.metadata) }, group: group,
                    by: membership, transactionalID: transactionalID,
                    producer: identity)
            }
        }
    }

    /// Flushes and commits. After a time-out it is to be called again.
    public func commitTransaction(timeoutMilliseconds: Int32) throws(KafkaError) {
        try checkUsable()
        if state == .open { state = .flushing }
        if state == .flushing {
            sendBatches(.max)
            try checkUsable()
            if hasQueued { throw .timedOut("flush before the commit") }
            if isRegistered { state = .committing }
        }
        if state == .committing {
            try end(isCommit: true)
        } else if state != .flushing {
            throw .wrongState("commit while \(state)")
        }
        complete()
    }

    /// Gives the transaction up. After a time-out it is to be called again.
    public func abortTransaction(timeoutMilliseconds: Int32) throws(KafkaError) {
        if case .failed = state { state = .aborting }
        try checkUsable()
        switch state {
        case .open, .committing: state = .aborting
        case .aborting: break
        // librdkafka does not abort while it still flushes for a commit.
        default: throw .wrongState("abort while \(state)")
        }
        try settle()
        if isRegistered { try end(isCommit: false) }
        complete()
    }

    /// Drops what was not sent. What is under way must be known to have arrived, or the numbers of later
    /// records would have a gap.
    private func settle() throws(KafkaError) {
        for place in queues.keys.sorted() {
            if queues[place]?.underWay != nil {
                try attempt("abort", tries: 1) { () throws(CallFailure) in try sendBatch(to: place) }
            }
            queues[place]?.records = []
        }
    }

    private func end(isCommit: Bool) throws(KafkaError) {
        guard let transactionalID, let identity else { return }
        try attempt(isCommit ? "commit" : "abort", tries: 2) { () throws(CallFailure) in
            try call(.endTransaction(isCommit: isCommit)) { () throws(ErrorCode) in
                try model.endTransaction(transactionalID, producer: identity, isCommit: isCommit)
            }
        }
    }

    private func complete() {
        state = .ready
        added = []
        isRegistered = false
    }

    /// Asks again at once, where the cluster may be through with the last transaction by then.
    private func attempt(_ doing: String, tries: Int, _ body: () throws(CallFailure) -> Void)
        throws(KafkaError)
    {
        for left in (0..<tries).reversed() {
            do throws(CallFailure) {
                return try body()
            } catch {
                if left > 0, case .answer(.concurrentTransactions) = error { continue }
                throw note(error, doing: doing)
            }
        }
    }
}
