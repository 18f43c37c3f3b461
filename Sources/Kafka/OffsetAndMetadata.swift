/// A position as a consumer group commits it: Kafka keeps a short text of the committer's beside the number.
public struct OffsetAndMetadata: Sendable, Hashable, ExpressibleByIntegerLiteral {
    /// The offset of the next record to process.
    public var offset: Int64
    /// The committer's text; brokers take 4,096 bytes unless they are configured otherwise.
    public var metadata: String

    /// A position and what to keep beside it.
    public init(_ offset: Int64, metadata: String = "") {
        self.offset = offset
        self.metadata = metadata
    }

    /// A position with nothing beside it.
    public init(integerLiteral offset: Int64) { self.init(offset) }
}
