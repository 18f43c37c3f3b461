import Contracts
import Evaluation

/// A trace's events as accesses; the target's classes are the partitions.
struct TraceAccesses {
    private let regions: [UInt32]
    private let domains: [UInt32]
    private let kinds: [UInt32]

    init(_ trace: EvaluationTrace) {
        regions = trace.regions.map(Self.symbol)
        domains = trace.domains.map(Self.symbol)
        kinds = trace.kinds.map(Self.symbol)
    }

    private static func symbol(_ name: String) -> UInt32 { Access.symbol(name.utf8Span.span.bytes) }

    /// The event as an access. A trace's events are taken as they are: each gets an id of its own, so that none
    /// is a duplicate.
    func access(_ event: EvaluationTrace.Event, _ number: Int) -> Access {
        Access(
            time: event.time, partition: PartitionIndex(event.target), bytes: 0, idHash: UInt64(number + 1),
            region: event.region < 0 ? 0 : regions[Int(event.region)],
            domain: event.domain < 0 ? 0 : domains[Int(event.domain)],
            kind: event.kind < 0 ? 0 : kinds[Int(event.kind)])
    }
}
