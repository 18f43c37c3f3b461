public import Kafka

/// A request to join a group.
public struct JoinRequest: Sendable {
    /// The member; empty if it is to be named.
    public var memberID: String
    /// The name of its process, for people.
    public var clientID: String
    /// Where its process runs, for people.
    public var clientHost = ""
    /// A name that the member keeps when its process starts anew, if it has one.
    public var instanceID: String?
    /// Milliseconds without a heartbeat after which it is gone.
    public var sessionTimeout: Int64
    /// Milliseconds that a rebalance waits for it.
    public var rebalanceTimeout: Int64
    /// What kind of group it takes this for; `consumer` for those that share out topic partitions.
    public var protocolType = "consumer"
    /// The ways of sharing out that it knows, the best first, such as `range`; with what it tells whoever
    /// shares out, its subscription.
    public var ways: [(name: String, metadata: [UInt8])]
    /// Whether a member is only admitted under a name that it was given, as since version 4 of the request.
    public var requiresName = true

    /// Describes a request of a named process without an instance id.
    public init(
        memberID: String, clientID: String, sessionTimeout: Int64, rebalanceTimeout: Int64,
        ways: [(name: String, metadata: [UInt8])]
    ) {
        self.memberID = memberID
        self.clientID = clientID
        self.sessionTimeout = sessionTimeout
        self.rebalanceTimeout = rebalanceTimeout
        self.ways = ways
    }
}

/// What becomes of a request to join.
public enum JoinAnswer: Sendable, Equatable {
    /// MEMBER_ID_REQUIRED: the member is to join again under this name.
    case named(String)
    /// The member was admitted under this name; the same request is to be made again with it, without the
    /// client's doing.
    case admitted(String)
    /// The others have not joined yet; the request is to be made again.
    case waiting
    /// The next generation has begun. The leader gets everybody's metadata in `members`, the others nothing.
    case joined(generation: Int32, way: String, leader: String, members: [String: [UInt8]])
}

/// Who a member says it is; the default is nobody.
public struct Membership: Sendable, Equatable {
    /// The member's name.
    public var memberID: String
    /// The generation it belongs to.
    public var generation: Int32
    /// Its instance id, if it has one.
    public var instanceID: String?

    /// A member, or nobody.
    public init(memberID: String = "", generation: Int32 = -1, instanceID: String? = nil) {
        self.memberID = memberID
        self.generation = generation
        self.instanceID = instanceID
    }
}

/// An offset as a group committed it.
public struct CommittedOffset: Sendable, Equatable {
    /// The next offset to read.
    public var offset: Int64
    /// The leader epoch of the record before it; -1 if the member did not tell.
    public var leaderEpoch: Int32
    /// What the member wrote beside it.
    public var metadata: String

    /// Describes an offset.
    public init(_ offset: Int64, leaderEpoch: Int32 = -1, metadata: String = "") {
        self.offset = offset
        self.leaderEpoch = leaderEpoch
        self.metadata = metadata
    }
}

/// What OffsetFetch finds.
public struct CommittedOffsets: Sendable, Equatable {
    /// What was committed.
    public var offsets: [TopicPartition: CommittedOffset] = [:]
    /// UNSTABLE_OFFSET_COMMIT: where an open transaction is about to change it. These have no offset here.
    public var unstable: Set<TopicPartition> = []
}

/// A group, as DescribeGroups and ListGroups tell it.
public struct GroupDescription: Sendable, Equatable {
    /// A member of it.
    public struct Member: Sendable, Equatable {
        /// Its name.
        public var memberID: String
        /// Its instance id, if it has one.
        public var instanceID: String?
        /// The name of its process.
        public var clientID: String
        /// Where its process runs.
        public var clientHost: String
        /// What it told whoever shares out; empty while the group is not stable.
        public var metadata: [UInt8]
        /// Its share; empty while the group is not stable.
        public var assignment: [UInt8]
    }

    /// `Empty`, `PreparingRebalance`, `CompletingRebalance`, `Stable`, or `Dead` if there is none.
    public var state = "Dead"
    /// What its members took it for; empty if it never had any.
    public var protocolType = ""
    /// The way in which it was shared out; empty while it is not stable.
    public var way = ""
    /// Its members, in the order of their names.
    public var members: [Member] = []
}
