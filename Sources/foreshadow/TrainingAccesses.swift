import Affinity
import Contracts
import Evaluation

/// What a network is trained on: accesses in the order in which an engine takes them in.
struct TrainingAccesses {
    /// What partitions are called, and the names the network is to know.
    var names: Model.Names
    /// The customers' keys.
    var customers: [[UInt8]]
    /// Each access and its customer, a place in `customers`.
    var accesses: [(customer: Int, access: Access)]
    /// Where they come from.
    var source: String

    /// How many of `count` events the first `part` of them are; of a half, as many as `EvaluationTrace.middle`.
    static func end(of count: Int, part: Double) -> Int { Int(Double(count) * part) }

    /// The events of a trace before `end`. Only names that occur there are known to the network.
    init(_ trace: EvaluationTrace, before end: Int) {
        let events = trace.events[..<end]
        names = Model.Names(
            partitions: trace.classes,
            regions: Self.names(events.map(\.region), of: trace.regions),
            domains: Self.names(events.map(\.domain), of: trace.domains),
            kinds: Self.names(events.map(\.kind), of: trace.kinds))
        customers = trace.customers
        let numbered = TraceAccesses(trace)
        accesses = events.enumerated().map { (Int($1.customer), numbered.access($1, $0)) }
        source = "\(trace.dataset), the first \(end) of \(trace.events.count) events"
    }

    /// Accesses of a log.
    init(
        names: Model.Names, customers: [[UInt8]], accesses: [(customer: Int, access: Access)], source: String
    ) {
        self.names = names
        self.customers = customers
        self.accesses = accesses
        self.source = source
    }

    private static func names(_ numbers: [Int32], of names: [String]) -> [String] {
        let seen = Set(numbers)
        return names.enumerated().filter { seen.contains(Int32($0.offset)) && !$0.element.isEmpty }.map(
            \.element)
    }
}
