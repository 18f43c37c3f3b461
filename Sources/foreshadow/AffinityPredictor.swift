import Affinity
import Contracts
import Evaluation

/// The affinity engine as a predictor: its `next`, with the target's classes as partitions.
struct AffinityPredictor: Predictor {
    static let name = "foreshadow"

    let names = [Self.name]
    private let customers: [[UInt8]]
    private let regions: [UInt32]
    private let domains: [UInt32]
    private let kinds: [UInt32]
    private var engine: AffinityEngine
    private var change: VectorChange
    private var learned: UInt64 = 0

    /// An engine that knows nothing yet of the trace's customers.
    init(_ trace: EvaluationTrace, configuration: AffinityConfiguration = AffinityConfiguration()) {
        customers = trace.customers
        regions = trace.regions.map(Self.symbol)
        domains = trace.domains.map(Self.symbol)
        kinds = trace.kinds.map(Self.symbol)
        engine = AffinityEngine(configuration: configuration, partitions: trace.classes.count)
        change = VectorChange(partitions: trace.classes.count)
    }

    private static func symbol(_ name: String) -> UInt32 { Access.symbol(name.utf8Span.span.bytes) }

    /// The engine predicts from what it has learned, and for the time of the event to come if it may know it.
    mutating func predict(_ query: PredictionQuery, into rows: inout MutableSpan<Double>) {
        let key = customers[query.customer]
        let prediction = engine.predict(customer: key.span.bytes, at: query.time)
        for k in 0..<rows.count { rows[k] = prediction?.next[k] ?? 1 / Double(rows.count) }
    }

    mutating func learn(_ event: EvaluationTrace.Event) {
        // A trace's events are taken as they are: each gets an id of its own, so that none is a duplicate.
        learned += 1
        let access = Access(
            time: event.time, partition: PartitionIndex(event.target), bytes: 0, idHash: learned,
            region: event.region < 0 ? 0 : regions[Int(event.region)],
            domain: event.domain < 0 ? 0 : domains[Int(event.domain)],
            kind: event.kind < 0 ? 0 : kinds[Int(event.kind)])
        while engine.nextDue(at: access.time, into: &change) {}
        let key = customers[Int(event.customer)]
        _ = engine.observe(customer: key.span.bytes, access: access, into: &change)
    }
}
