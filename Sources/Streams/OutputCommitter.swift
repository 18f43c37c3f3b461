internal import Kafka
internal import Logging

/// Sends a worker's outputs and commits them together with its progress.
///
/// The outputs of the open transaction are kept until it is committed: after an abort they are sent again,
/// and the processors' state needs no undo because it is still the fold of the input.
struct OutputCommitter {
    private let producer: Producer
    private let consumer: Consumer
    private let configuration: StreamConfiguration
    private let logger: Logger
    private var sent = 0
    private var isOpen = false
    /// Whether the open transaction has the offsets; a commit that is tried again must not add them twice.
    private var hasOffsets = false

    init(producer: Producer, consumer: Consumer, configuration: StreamConfiguration, logger: Logger)
        throws(KafkaError)
    {
        self.producer = producer
        self.consumer = consumer
        self.configuration = configuration
        self.logger = logger
        if configuration.guarantee == .exactlyOnce { try producer.initTransactions() }
    }

    /// Hands what is new in `buffer` to the producer.
    mutating func send(_ buffer: borrowing RecordBuffer) throws(KafkaError) {
        if sent == buffer.count { return }
        try open()
        try producer.send(buffer, from: sent)
        sent = buffer.count
    }

    /// Commits everything in `buffer` and `offsets`, and empties the buffer.
    ///
    /// False if the group is being shared out anew: then nothing was committed, everything is kept, and the
    /// consumer must be polled before the next try. Waiting here would hold up the whole group.
    mutating func commit(_ buffer: inout RecordBuffer, offsets: [TopicPartition: Int64]) throws(KafkaError)
        -> Bool
    {
        if buffer.isEmpty && offsets.isEmpty { return true }
        var attempt = 0
        var backoff = Backoff(limitMilliseconds: 1_000)
        while true {
            do throws(KafkaError) {
                try commitOnce(buffer, offsets)
                buffer.removeAll()
                sent = 0
                return true
            } catch {
                if error.isRebalancing {
                    if error.requiresAbort { try abort() }
                    return false
                }
                attempt += 1
                if attempt > configuration.retries || error.isFatal || error.isFenced { throw error }
                logger.warning("commit failed, trying again: \(error)")
                if error.requiresAbort {
                    try abort()
                } else if !error.isRetriable {
                    throw error
                }
                backoff.wait { false }
            }
        }
    }

    /// Gives up what is uncommitted: another member owns it now.
    mutating func abandon(_ buffer: inout RecordBuffer) throws(KafkaError) {
        if isOpen { try abort() }
        sent = 0
        buffer.removeAll()
    }

    private mutating func abort() throws(KafkaError) {
        try producer.abortTransaction()
        isOpen = false
        hasOffsets = false
        sent = 0
    }

    private mutating func commitOnce(_ buffer: borrowing RecordBuffer, _ offsets: [TopicPartition: Int64])
        throws(KafkaError)
    {
        try send(buffer)
        switch configuration.guarantee {
        case .exactlyOnce:
            try open()
            if !hasOffsets { try producer.sendOffsets(offsets, of: consumer) }
            hasOffsets = true
            try producer.commitTransaction()
            isOpen = false
            hasOffsets = false
        case .atLeastOnce:
            try producer.flush()
            try consumer.commit(offsets)
        }
    }

    private mutating func open() throws(KafkaError) {
        if isOpen || configuration.guarantee == .atLeastOnce { return }
        try producer.beginTransaction()
        isOpen = true
    }
}
