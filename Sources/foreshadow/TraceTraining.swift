import Affinity
import Contracts
import Evaluation
import Foundation
import Training

/// A network that is trained on the first part of a trace.
struct TraceTraining {
    /// The model.
    let model: Model
    /// The state its network has come to of each customer, at the end of that part; by the customer's place in
    /// the trace.
    let states: [Int: [Float]]
    /// How it came to be.
    let result: TrainingResult

    /// Trains on the events before `end`; `progress` is told how far it is, 0 to 1, and the losses.
    ///
    /// Only names that occur there are known to the network.
    init(
        _ trace: EvaluationTrace, before end: Int, affinity: AffinityConfiguration,
        training: TrainingConfiguration, hidden: Int, name: String,
        progress: (TrainingProgress) throws -> Void
    ) throws {
        let events = trace.events[..<end]
        let names = Model.Names(
            partitions: trace.classes,
            regions: Self.names(events.map(\.region), of: trace.regions),
            domains: Self.names(events.map(\.domain), of: trace.domains),
            kinds: Self.names(events.map(\.kind), of: trace.kinds))
        var recorder = TrainingRecorder(names, configuration: affinity, hidden: hidden)
        let accesses = TraceAccesses(trace)
        for (number, event) in events.enumerated() {
            recorder.add(customer: trace.customers[Int(event.customer)], accesses.access(event, number))
        }
        let result = try Trainer(recorder.set, training).run(onProgress: progress)
        model = try result.model(name: name, createdFrom: trace.dataset, names: names)
        self.result = result
        let places = Dictionary(
            trace.customers.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        var states: [Int: [Float]] = [:]
        for (customer, state) in zip(recorder.customers, recorder.states(model)) {
            if let place = places[customer] { states[place] = state }
        }
        self.states = states
    }

    private static func names(_ numbers: [Int32], of names: [String]) -> [String] {
        let seen = Set(numbers)
        return names.enumerated().filter { seen.contains(Int32($0.offset)) && !$0.element.isEmpty }.map(
            \.element)
    }
}

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
