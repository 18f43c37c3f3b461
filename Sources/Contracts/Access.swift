/// One interaction as the affinity engine sees it: numbers only, no text.
public struct Access: Sendable, Equatable {
    /// When it happened.
    public var time: EventTime
    /// The partition that region and domain resolve to.
    public var partition: PartitionIndex
    /// How many bytes it touched; 0 where the event did not say.
    public var bytes: Int64
    /// A 64-bit hash of the interaction's id, for dropping duplicates.
    public var idHash: UInt64

    /// Makes an access from its parts.
    public init(time: EventTime, partition: PartitionIndex, bytes: Int64, idHash: UInt64) {
        self.time = time
        self.partition = partition
        self.bytes = bytes
        self.idHash = idHash
    }
}
