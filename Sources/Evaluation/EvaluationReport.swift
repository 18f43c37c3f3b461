/// What an evaluation found, ready to be shown.
public struct EvaluationReport: Sendable {
    /// One model's figures.
    public struct Model: Sendable {
        /// The model's name.
        public let name: String
        /// The metrics that have events in their scope.
        public let values: [Metric: Double]
        /// 95 % intervals of the metrics; empty without resamples.
        public let intervals: [Metric: ClosedRange<Double>]
    }

    /// The name of the trace.
    public let dataset: String
    /// What was predicted.
    public let target: EvaluationTarget
    /// How many classes there are.
    public let classes: Int
    /// How many customers.
    public let customers: Int
    /// How many events, scored or not.
    public let events: Int
    /// How many events were scored.
    public let scored: Int
    /// The part of the scored events whose class is not the one of the customer's latest event.
    public let changeShare: Double
    /// The models, that which is evaluated last.
    public let models: [Model]
    /// How intervals were made.
    public let bootstrap: CustomerBootstrap

    /// Computes all figures. `subject` names the model that the others are compared to. Tells `progress`, if
    /// any, what part of the resamples is done.
    public init(
        _ trace: EvaluationTrace, _ scores: PrequentialScores, subject: String,
        bootstrap: CustomerBootstrap = CustomerBootstrap(), progress: ((Double) -> Void)? = nil
    ) {
        let ordered =
            scores.models.filter { $0.name != subject } + scores.models.filter { $0.name == subject }
        let count = trace.customers.count
        let metrics = ordered.map { ModelMetrics(scores.events, $0.scores, customerCount: count) }
        let candidates = Set(scores.events.map(\.customer)).sorted()
        var draws = [[[Double]]](
            repeating: Array(repeating: [], count: Metric.allCases.count), count: ordered.count)
        for resample in 0..<bootstrap.resamples {
            let weights = bootstrap.weights(resample: resample, candidates: candidates, customerCount: count)
            for (model, metrics) in metrics.enumerated() {
                for (metric, value) in metrics.values(weights: weights).enumerated() {
                    if let value { draws[model][metric].append(value) }
                }
            }
            progress?(Double(resample + 1) / Double(bootstrap.resamples))
        }
        let once = [Int32](repeating: 1, count: count)
        models = ordered.indices.map { model in
            Model(
                name: ordered[model].name,
                values: Self.named(metrics[model].values(weights: once)),
                intervals: Self.named(draws[model].map(CustomerBootstrap.interval)))
        }
        dataset = trace.dataset
        target = trace.target
        classes = trace.classes.count
        customers = count
        events = trace.events.count
        scored = scores.events.count
        changeShare = scores.changeShare
        self.bootstrap = bootstrap
    }

    /// The name of the best of `names` by log loss; nil where none of them is a model.
    public func best(of names: [String]) -> String? {
        models.filter { names.contains($0.name) }
            .min { ($0.values[.logLoss] ?? .infinity) < ($1.values[.logLoss] ?? .infinity) }?.name
    }

    private static func named<Value>(_ values: [Value?]) -> [Metric: Value] {
        var named: [Metric: Value] = [:]
        for (metric, value) in zip(Metric.allCases, values) { named[metric] = value }
        return named
    }
}

/// For programs: `{"dataset", "target", "scored", "models": {NAME: {METRIC: number, "intervals": {METRIC: [low,
/// high]}}}}`. A metric without events in its scope is left out.
extension EvaluationReport: Encodable {
    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    /// Writes the report as one object.
    public func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(dataset, forKey: Key("dataset"))
        try object.encode(target.rawValue, forKey: Key("target"))
        try object.encode(scored, forKey: Key("scored"))
        var all = object.nestedContainer(keyedBy: Key.self, forKey: Key("models"))
        for model in models {
            var entry = all.nestedContainer(keyedBy: Key.self, forKey: Key(model.name))
            for (metric, value) in model.values { try entry.encode(value, forKey: Key(metric.rawValue)) }
            var intervals = entry.nestedContainer(keyedBy: Key.self, forKey: Key("intervals"))
            for (metric, interval) in model.intervals {
                try intervals.encode(
                    [interval.lowerBound, interval.upperBound], forKey: Key(metric.rawValue))
            }
        }
    }
}
