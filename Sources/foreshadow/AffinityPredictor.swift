import Affinity
import Contracts
import Evaluation

/// The affinity engine as a predictor: its `next`, with the target's classes as partitions.
struct AffinityPredictor: Predictor {
    static let name = "foreshadow"

    let names = [Self.name]
    private let customers: [[UInt8]]
    private var engine: AffinityEngine
    private var change: VectorChange
    private var learned: UInt64 = 0

    /// An engine that knows nothing yet of the trace's customers.
    init(_ trace: EvaluationTrace, configuration: AffinityConfiguration = AffinityConfiguration()) {
        customers = trace.customers
        engine = AffinityEngine(configuration: configuration, partitions: trace.classes.count)
        change = VectorChange(partitions: trace.classes.count)
    }

    /// The engine predicts from what it has learned; it does not look at the time of the event to come.
    func predict(_ query: PredictionQuery, into rows: inout MutableSpan<Double>) {
        let key = customers[query.customer]
        let prediction = engine.predict(customer: key.span.bytes)
        for k in 0..<rows.count { rows[k] = prediction?.next[k] ?? 1 / Double(rows.count) }
    }

    mutating func learn(_ event: EvaluationTrace.Event) {
        // A trace's events are taken as they are: each gets an id of its own, so that none is a duplicate.
        learned += 1
        let access = Access(
            time: event.time, partition: PartitionIndex(event.target), bytes: 0, idHash: learned)
        while engine.nextDue(at: access.time, into: &change) {}
        let key = customers[Int(event.customer)]
        _ = engine.observe(customer: key.span.bytes, access: access, into: &change)
    }
}
