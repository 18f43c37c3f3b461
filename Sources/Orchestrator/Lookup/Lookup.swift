internal import Contracts
internal import ForeshadowRouting
internal import Foundation
internal import Routing

/// Answers look-ups from memory, and counts them.
final class Lookup: Sendable {
    let table: RoutingTable
    let names: PartitionNames
    let stats: LookupStats
    private let follower: TopicFollower
    private let staleMilliseconds: Int64
    private let router: RequestRouter

    init(
        _ table: RoutingTable, _ follower: TopicFollower, _ router: RequestRouter, staleMilliseconds: Int
    ) {
        self.table = table
        self.follower = follower
        self.router = router
        self.staleMilliseconds = Int64(staleMilliseconds)
        names = PartitionNames(table.partitions)
        stats = LookupStats(partitions: table.partitions.count)
    }

    /// How old what is known may be.
    var freshness: Freshness {
        guard let current = follower.current else { return Freshness(ageMilliseconds: nil, isStale: true) }
        let age = Int64((ContinuousClock.now - current) / .milliseconds(1))
        return Freshness(ageMilliseconds: age, isStale: age >= staleMilliseconds)
    }

    /// The partition of that name; nil for no name. Throws if there is none.
    func partition(_ name: String?) throws -> PartitionIndex? {
        guard let name else { return nil }
        guard let index = table.partitions.find(name) else {
            throw Problem(.unknownPartition, "'\(name.prefix(64))' is none of the configured partitions")
        }
        return index
    }

    /// What is asked.
    struct Question: Sendable {
        var request = RoutingRequest()
        /// Where the request belongs, for a switchback.
        var cell: String?
        var withScores = true
    }

    /// Decides. Throws if nothing at all is known of where the customer might belong.
    func answer(_ customer: String, _ question: Question, _ freshness: Freshness) throws -> LookupAnswer {
        let bytes = customer.utf8Span.span.bytes
        guard (1...256).contains(bytes.byteCount) else {
            stats.fail(.unknownCustomer)
            throw Problem(.unknownCustomer, "there is no such customer: one has 1 to 256 bytes")
        }
        let time = EventTime(Date().timeIntervalSince1970 * 1_000)
        let routed = router.decide(bytes, question.request, cell: question.cell, at: time)
        let decision = routed.decision
        guard decision.home != nil else {
            stats.fail(.unknownCustomer)
            throw Problem(
                .unknownCustomer,
                "nothing is known of this customer; with home=PARTITION its location decides")
        }
        stats.count(decision.readFrom)
        return LookupAnswer(
            id: routed.part?.id ?? router.name(at: time), customer: customer, decision: decision,
            part: routed.part,
            state: table.state(of: bytes),
            scores: question.withScores ? table.scores(bytes, question.request, routed.weights) : nil,
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
