/// A record batch as a client encoded it: bytes into which the model does not look, and what stands in front
/// of them.
public struct EncodedBatch: Sendable, Equatable {
    /// The whole batch. Its base offset is whatever the client wrote there.
    public var bytes: [UInt8]
    /// How many offsets it takes up.
    public var count: Int
    /// Who wrote it, if that is known.
    public var producer: ProducerIdentity?
    /// The producer's number of its first record.
    public var sequence: Int32
    /// Whether it belongs to a transaction.
    public var isTransactional: Bool
    /// The time of its newest record, in epoch milliseconds.
    public var maxTimestamp: Int64

    /// Describes a batch.
    public init(
        bytes: [UInt8], count: Int, producer: ProducerIdentity?, sequence: Int32, isTransactional: Bool,
        maxTimestamp: Int64
    ) {
        self.bytes = bytes
        self.count = count
        self.producer = producer
        self.sequence = sequence
        self.isTransactional = isTransactional
        self.maxTimestamp = maxTimestamp
    }
}
