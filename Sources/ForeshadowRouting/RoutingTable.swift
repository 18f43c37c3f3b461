public import Contracts
public import Routing
internal import Synchronization

/// What a router knows of all customers, shared by threads: one takes records, many ask.
///
/// Customers are spread over shards by their hash, each behind a lock of its own that is held for less than a
/// microsecond. Every shard bounds the load of its own customers' requests, and so all together are bounded.
public final class RoutingTable: Sendable {
    /// The configured partitions.
    public let partitions: PartitionMap
    private let roundTrips: RoundTrips?
    private let shards: [ShardBox]

    /// Holds a lock, which has no copies, where an array can.
    private final class ShardBox: Sendable {
        let view: Mutex<RoutingView>
        init(_ view: sending RoutingView) { self.view = Mutex(view) }
    }

    private static let shardBits: UInt64 = 6

    /// Knows nothing yet. Proximity counts as `roundTrips` says.
    public init(_ partitions: PartitionMap, roundTrips: RoundTrips? = nil) {
        self.partitions = partitions
        self.roundTrips = roundTrips
        shards = (0..<(1 << Self.shardBits)).map { _ in
            ShardBox(RoutingView(partitions, roundTrips: roundTrips))
        }
    }

    /// The upper bits: the tables use the lower ones.
    private func shard(_ hash: UInt64) -> ShardBox { shards[Int(hash >> (64 - Self.shardBits))] }

    // MARK: Asking

    /// Decides for one customer, by its bytes.
    public func decide(
        _ customer: RawSpan, _ request: RoutingRequest = RoutingRequest(),
        _ weights: RoutingWeights = RoutingWeights()
    ) -> Decision {
        decide(customer, hash: ByteHash.hash(customer), request, weights)
    }

    func decide(
        _ customer: RawSpan, hash: UInt64, _ request: RoutingRequest, _ weights: RoutingWeights
    ) -> Decision {
        shard(hash).view.withLock { $0.decide(customer, hash: hash, request, weights) }
    }

    /// Every partition's score with its terms, in the order of the configuration.
    public func scores(
        _ customer: RawSpan, _ request: RoutingRequest = RoutingRequest(),
        _ weights: RoutingWeights = RoutingWeights()
    ) -> [Score] {
        let hash = ByteHash.hash(customer)
        return shard(hash).view.withLock { $0.scores(customer, hash: hash, request, weights) }
    }

    /// What is known of a customer.
    public func state(of customer: RawSpan) -> CustomerState? {
        let hash = ByteHash.hash(customer)
        return shard(hash).view.withLock { $0.state(of: customer, hash: hash) }
    }

    /// The shadows that are not retired.
    public var openShadows: [OpenShadow] { shards[0].view.withLock { $0.openShadows } }

    /// How many customers are known.
    public var customerCount: Int { shards.reduce(0) { $0 + $1.view.withLock { $0.customerCount } } }

    /// Sums over all customers.
    public var mass: AffinityMass {
        shards.reduce(into: AffinityMass(partitions: partitions.count)) { sum, shard in
            sum.add(shard.view.withLock { $0.mass })
        }
    }

    // MARK: Taking records

    /// Forgets all customers, shadows and telemetry.
    package func removeAll() {
        for shard in shards {
            let view = RoutingView(partitions, roundTrips: roundTrips)
            shard.view.withLock { $0 = view }
        }
    }

    func apply(_ vector: VectorSummaryDecoder, customer: RawSpan) {
        let hash = ByteHash.hash(customer)
        shard(hash).view.withLock { $0.apply(vector, customer: customer, hash: hash) }
    }

    func apply(_ profile: CustomerProfile, customer: RawSpan) {
        let hash = ByteHash.hash(customer)
        shard(hash).view.withLock { $0.apply(profile, customer: customer, hash: hash) }
    }

    func forget(_ customer: RawSpan) {
        let hash = ByteHash.hash(customer)
        shard(hash).view.withLock { $0.forget(customer, hash: hash) }
    }

    @discardableResult
    func apply(_ command: ShadowCommand) -> Bool {
        shards.reduce(false) { isNew, shard in shard.view.withLock { $0.apply(command) } || isNew }
    }

    func apply(_ telemetry: Telemetry) {
        for shard in shards { shard.view.withLock { $0.apply(telemetry) } }
    }
}
