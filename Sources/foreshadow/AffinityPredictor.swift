import Affinity
import Contracts
import Evaluation

/// The affinity engine as a predictor: its `next` and its `share`, with the target's classes as partitions; and each
/// of its experts, if they are asked for.
struct AffinityPredictor: Predictor {
    static let name = "foreshadow"

    /// A model, and from which event on it is in use.
    struct Deployment {
        var model: Model
        /// The place of the first event it may be told of.
        var start: Int
        /// What its network knows of customers by then, by their places in the trace.
        var states: [Int: [Float]]
    }

    let names: [String]
    let shareNames = [Self.name]
    private let customers: [[UInt8]]
    private let accesses: TraceAccesses
    private let deployment: Deployment?
    private var engine: AffinityEngine
    private var change: VectorChange
    private var learned = 0
    /// The experts that are asked for.
    private let experts: [Expert]
    /// A row per `Expert`; empty if none is asked for.
    private var expertRows: [Double] = []
    private var share: [Double]

    /// An engine that knows nothing yet of the trace's customers.
    init(
        _ trace: EvaluationTrace, configuration: AffinityConfiguration, _ deployment: Deployment? = nil,
        withExperts: Bool = false
    ) {
        experts = withExperts ? Self.experts(configuration, hasNetwork: deployment != nil) : []
        names = [Self.name] + Self.names(of: experts)
        share = Array(repeating: 1 / Double(trace.classes.count), count: trace.classes.count)
        if withExperts {
            expertRows = Array(repeating: 0, count: Expert.allCases.count * trace.classes.count)
        }
        customers = trace.customers
        accesses = TraceAccesses(trace)
        self.deployment = deployment
        engine = AffinityEngine(configuration: configuration, partitions: trace.classes.count)
        change = VectorChange(partitions: trace.classes.count)
        deploy()
    }

    /// The engine predicts from what it has learned, and for the time of the event to come if it may know it.
    mutating func predict(_ query: PredictionQuery, into rows: inout MutableSpan<Double>) {
        let key = customers[query.customer]
        let classes = share.count
        let prediction =
            experts.isEmpty
            ? engine.predict(customer: key.span.bytes, at: query.time)
            : engine.predict(customer: key.span.bytes, at: query.time, experts: &expertRows)
        for k in 0..<classes { rows[k] = prediction?.next[k] ?? 1 / Double(classes) }
        if let prediction { share = prediction.share }
        for (number, expert) in experts.enumerated() {
            for k in 0..<classes {
                rows[(number + 1) * classes + k] = expertRows[expert.rawValue * classes + k]
            }
        }
    }

    /// The share of the last prediction.
    func predictShare(_ query: PredictionQuery, into rows: inout MutableSpan<Double>) {
        for k in 0..<rows.count { rows[k] = share[k] }
    }

    /// The experts there are under a configuration, the mixture of them last.
    static func experts(_ configuration: AffinityConfiguration, hasNetwork: Bool) -> [Expert] {
        Expert.allCases.filter {
            ($0 != .atHour || configuration.isTimeKnown) && ($0 != .network || hasNetwork)
        }
    }

    /// What experts are called in reports.
    static func names(of experts: [Expert]) -> [String] { experts.map { "expert:\($0)" } }

    mutating func learn(_ event: EvaluationTrace.Event) {
        let access = accesses.access(event, learned)
        while engine.nextDue(at: access.time, into: &change) {}
        let key = customers[Int(event.customer)]
        _ = engine.observe(customer: key.span.bytes, access: access, into: &change)
        learned += 1
        deploy()
    }

    /// What is expected of a customer that has been learned of, from now on.
    mutating func forecast(customer: Int) -> AffinityEngine.Prediction? {
        let key = customers[customer]
        return engine.predict(customer: key.span.bytes)
    }

    private mutating func deploy() {
        guard let deployment, deployment.start == learned else { return }
        engine.use(deployment.model)
        for (customer, state) in deployment.states {
            let key = customers[customer]
            engine.setState(customer: key.span.bytes, state)
        }
    }
}
