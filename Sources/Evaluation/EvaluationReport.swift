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

    /// How the model that is evaluated differs from another one, draw by draw.
    ///
    /// Both are judged on the same customers, so the difference is known better than either figure.
    public struct Comparison: Sendable {
        /// The other model: the best of the rivals by log loss.
        public let rival: String
        /// The model's metrics minus the rival's.
        public let differences: [Metric: Double]
        /// 95 % intervals of the differences; empty without resamples.
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
    /// How the model that is evaluated differs from the best rival; nil where there is none.
    public let comparison: Comparison?
    /// What forecasts of the share were worth, that of the model which is evaluated last; empty if there were none.
    public let shares: [ShareScores]
    /// How much less each further event ahead counts in the share; nil if it was not scored.
    public let shareDiscount: Double?
    /// How intervals were made.
    public let bootstrap: CustomerBootstrap

    /// Computes all figures. `subject` names the model that is evaluated, `rivals` those of which the best is
    /// compared with it. Tells `progress`, if any, what part of the resamples is done.
    public init(
        _ trace: EvaluationTrace, _ scores: PrequentialScores, subject: String, rivals: [String] = [],
        bootstrap: CustomerBootstrap = CustomerBootstrap(), progress: ((Double) -> Void)? = nil
    ) {
        let ordered =
            scores.models.filter { $0.name != subject } + scores.models.filter { $0.name == subject }
        let count = trace.customers.count
        let metrics = ordered.map { ModelMetrics(scores.events, $0.scores, customerCount: count) }
        let candidates = Set(scores.events.map(\.customer)).sorted()
        var draws: [[[Double?]]] = Array(repeating: [], count: ordered.count)
        for resample in 0..<bootstrap.resamples {
            let weights = bootstrap.weights(resample: resample, candidates: candidates, customerCount: count)
            for (model, metrics) in metrics.enumerated() {
                draws[model].append(metrics.values(weights: weights))
            }
            progress?(Double(resample + 1) / Double(bootstrap.resamples))
        }
        let once = [Int32](repeating: 1, count: count)
        models = ordered.indices.map { model in
            Model(
                name: ordered[model].name, values: Self.named(metrics[model].values(weights: once)),
                intervals: Self.intervals(draws[model]))
        }
        comparison = Self.compare(models, draws, subject: subject, rivals: rivals)
        dataset = trace.dataset
        target = trace.target
        classes = trace.classes.count
        customers = count
        events = trace.events.count
        scored = scores.events.count
        changeShare = scores.changeShare
        shares = scores.shares.filter { $0.name != subject } + scores.shares.filter { $0.name == subject }
        shareDiscount = scores.shareDiscount
        self.bootstrap = bootstrap
    }

    /// `draws` holds, per model and resample, the metrics in their order.
    private static func compare(
        _ models: [Model], _ draws: [[[Double?]]], subject: String, rivals: [String]
    ) -> Comparison? {
        let best = models.indices.filter { rivals.contains(models[$0].name) && models[$0].name != subject }
            .min { (models[$0].values[.logLoss] ?? .infinity) < (models[$1].values[.logLoss] ?? .infinity) }
        guard let best, let mine = models.indices.last, models[mine].name == subject else { return nil }
        func difference(_ pair: (Double?, Double?)) -> Double? {
            if let a = pair.0, let b = pair.1 { a - b } else { nil }
        }
        return Comparison(
            rival: models[best].name,
            differences: named(
                Metric.allCases.map { difference((models[mine].values[$0], models[best].values[$0])) }),
            intervals: intervals(zip(draws[mine], draws[best]).map { zip($0, $1).map(difference) }))
    }

    /// The interval of each metric over the draws that have a value of it.
    private static func intervals(_ draws: [[Double?]]) -> [Metric: ClosedRange<Double>] {
        named(
            Metric.allCases.indices.map { metric in
                CustomerBootstrap.interval(draws.compactMap { $0[metric] })
            })
    }

    private static func named<Value>(_ values: [Value?]) -> [Metric: Value] {
        var named: [Metric: Value] = [:]
        for (metric, value) in zip(Metric.allCases, values) { named[metric] = value }
        return named
    }
}

/// For programs: `{"dataset", "target", "scored", "models": {NAME: {METRIC: number, "intervals": {METRIC: [low,
/// high]}}}, "share": {"discount", "models": {NAME: {"shareLogLoss", "shareLogLossSecondHalf"}}}}`. A metric without
/// events in its scope is left out, and so is "share" if no predictor forecast it.
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
        guard let shareDiscount else { return }
        var share = object.nestedContainer(keyedBy: Key.self, forKey: Key("share"))
        try share.encode(shareDiscount, forKey: Key("discount"))
        var entries = share.nestedContainer(keyedBy: Key.self, forKey: Key("models"))
        for scores in shares {
            var entry = entries.nestedContainer(keyedBy: Key.self, forKey: Key(scores.name))
            try entry.encodeIfPresent(scores.logLoss, forKey: Key("shareLogLoss"))
            try entry.encodeIfPresent(scores.logLossSecondHalf, forKey: Key("shareLogLossSecondHalf"))
        }
    }
}
