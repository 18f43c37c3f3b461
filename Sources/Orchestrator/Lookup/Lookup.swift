internal import Contracts
internal import ForeshadowRouting
internal import Routing
internal import Synchronization

/// Answers look-ups from memory, and counts them.
final class Lookup: Sendable {
    let table: RoutingTable
    let names: PartitionNames
    let stats: LookupStats
    private let follower: TopicFollower
    private let configuration: OrchestratorConfiguration
    private let instance: UInt32
    private let number = Atomic<UInt64>(0)

    init(_ table: RoutingTable, _ follower: TopicFollower, _ configuration: OrchestratorConfiguration) {
        self.table = table
        self.follower = follower
        self.configuration = configuration
        names = PartitionNames(table.partitions)
        stats = LookupStats(partitions: table.partitions.count)
        instance = UInt32.random(in: 1 ... .max)
    }

    /// How old what is known may be.
    var freshness: Freshness {
        guard let current = follower.current else { return Freshness(ageMilliseconds: nil, isStale: true) }
        let age = Int64((ContinuousClock.now - current) / .milliseconds(1))
        return Freshness(ageMilliseconds: age, isStale: age >= configuration.staleMilliseconds)
    }

    /// Decides. Throws if nothing at all is known of where the customer might belong.
    func answer(_ customer: String, _ request: RoutingRequest, withScores: Bool, _ freshness: Freshness)
        throws
        -> LookupAnswer
    {
        let bytes = customer.utf8Span.span.bytes
        guard (1...256).contains(bytes.byteCount) else {
            stats.fail(.unknownCustomer)
            throw Problem(.unknownCustomer, "there is no such customer: one has 1 to 256 bytes")
        }
        let decision = table.decide(bytes, request, configuration.weights)
        guard decision.home != nil else {
            stats.fail(.unknownCustomer)
            throw Problem(
                .unknownCustomer,
                "nothing is known of this customer; with home=PARTITION its location decides")
        }
        stats.count(decision.readFrom)
        return LookupAnswer(
            number: number.add(1, ordering: .relaxed).newValue, instance: instance, customer: customer,
            decision: decision, state: table.state(of: bytes),
            scores: withScores ? table.scores(bytes, request, configuration.weights) : nil,
            freshness: freshness)
    }
}

/// How old what is known may be.
struct Freshness: Sendable, Equatable {
    /// Since it was current last; nil if it never was.
    var ageMilliseconds: Int64?
    /// Whether that is too long.
    var isStale: Bool
}
