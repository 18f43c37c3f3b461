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

    /// A 32-bit hash of the region's name; 0 where it is of no matter.
    public var region: UInt32
    /// A 32-bit hash of the domain's name; 0 where the event has none.
    public var domain: UInt32
    /// A 32-bit hash of the event's kind; 0 where it is of no matter.
    public var kind: UInt32

    /// Makes an access from its parts.
    public init(
        time: EventTime, partition: PartitionIndex, bytes: Int64, idHash: UInt64, region: UInt32 = 0,
        domain: UInt32 = 0, kind: UInt32 = 0
    ) {
        self.time = time
        self.partition = partition
        self.bytes = bytes
        self.idHash = idHash
        self.region = region
        self.domain = domain
        self.kind = kind
    }

    /// The hash by which an access names its region, its domain or its kind: never 0.
    public static func symbol(_ name: RawSpan) -> UInt32 {
        max(1, UInt32(truncatingIfNeeded: ByteHash.hash(name)))
    }
}
