internal import Kafka

/// One producer and its open transaction, if there is one.
///
/// Every call is bounded in time. What ran into its time-out is called again by the next `commit`, from where
/// it stopped: that is why the steps already taken are noted here.
struct TransactionalSender {
    private let producer: any StreamProducer
    private let timeout: Int32
    private var isReady = false
    private var isOpen = false
    /// The offsets that the open transaction has.
    private var offsets: [TopicPartition: OffsetAndMetadata]?
    private var mustAbort = false
    /// How many records of each buffer the open transaction has.
    private var sent: [Int] = []

    init(producer: any StreamProducer, timeoutMilliseconds: Int) {
        self.producer = producer
        timeout = Int32(timeoutMilliseconds)
    }

    var fatalError: KafkaError? { producer.fatalError }

    /// Hands what is new in buffer number `index` to the producer; false if there was no room for all of it.
    mutating func send(_ buffer: borrowing RecordBuffer, index: Int) throws(KafkaError) -> Bool {
        while sent.count <= index { sent.append(0) }
        // What was sent in a transaction that is still to be aborted does not count.
        try settle()
        if sent[index] == buffer.count { return true }
        try open()
        sent[index] = try producer.send(buffer, from: sent[index], timeoutMilliseconds: timeout)
        return sent[index] == buffer.count
    }

    /// Adds the offsets and commits what was sent. Everything must have been sent before, in this attempt.
    mutating func commit(_ offsets: [TopicPartition: OffsetAndMetadata], of consumer: any StreamConsumer)
        throws(KafkaError)
    {
        try open()
        if self.offsets != offsets {
            try producer.sendOffsets(offsets, of: consumer, timeoutMilliseconds: timeout)
            self.offsets = offsets
        }
        try producer.commitTransaction(timeoutMilliseconds: timeout)
        reset()
    }

    /// Ends a transaction that was given up and could not be ended then.
    mutating func settle() throws(KafkaError) {
        if mustAbort { try abort() }
    }

    /// Gives the transaction up, now or with the next call that needs one.
    mutating func abortSooner() throws(KafkaError) {
        do throws(KafkaError) {
            try abort()
        } catch {
            // What runs into a time-out is tried again before anything else is sent.
            if !error.isRetriable { throw error }
        }
    }

    /// Gives the transaction up. May be called again after a time-out.
    mutating func abort() throws(KafkaError) {
        if isOpen {
            mustAbort = true
            try producer.abortTransaction(timeoutMilliseconds: timeout)
        }
        reset()
    }

    /// Fences whoever had the same transactional id before, and ends what was left open under it.
    mutating func fence() throws(KafkaError) {
        if isReady { return }
        try producer.initTransactions(timeoutMilliseconds: timeout)
        isReady = true
    }

    private mutating func open() throws(KafkaError) {
        try fence()
        if isOpen { return }
        try producer.beginTransaction()
        isOpen = true
    }

    private mutating func reset() {
        isOpen = false
        offsets = nil
        mustAbort = false
        for i in sent.indices { sent[i] = 0 }
    }

    /// Ends the producer.
    func close() { producer.close() }
}
