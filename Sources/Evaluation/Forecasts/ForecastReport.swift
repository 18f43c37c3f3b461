public import Forecasting

/// What a trial found: every model's scores on every series.
public struct ForecastReport: Sendable {
    /// One series.
    public struct Series: Sendable {
        /// Its class.
        public let name: String
        /// Its scores, in the order of the report's models.
        public let scores: [ForecastScore]
    }

    /// One model over some of the series.
    public struct Overall: Sendable, Encodable {
        /// Its name.
        public let model: String
        /// Mean over the series of the mean absolute error in parts of the seasonal naive's, period 168 hours.
        public let maseWeek: Double?
        /// The same of the sums over all series, so that large ones count more.
        public let maseWeekPooled: Double?
        /// As `maseWeek`, period 24 hours.
        public let maseDay: Double?
        /// Mean pinball losses, and the coverage of the 0.9 quantile, over all windows of all series.
        public let pinball50: Double?
        /// Of the 0.9 quantile.
        public let pinball90: Double?
        /// Each whole number stands for the unit around it.
        public let coverage: Double?
        /// Part of values that are at or under P90.
        public let atOrUnderP90: Double?

        init(model: String, scores: [ForecastScore]) {
            var pooled = ForecastScore()
            for score in scores { pooled.add(score) }
            self.model = model
            maseWeek = Self.mean(scores.compactMap(\.maseWeek))
            maseWeekPooled = pooled.maseWeek
            maseDay = Self.mean(scores.compactMap(\.maseDay))
            pinball50 = pooled.pinball50
            pinball90 = pooled.pinball90
            coverage = pooled.coverage
            atOrUnderP90 = pooled.atOrUnderP90
        }

        private static func mean(_ values: [Double]) -> Double? {
            values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }
    }

    /// The name of the trace.
    public let dataset: String
    /// What is counted.
    public let target: EvaluationTarget
    /// The length of a window in milliseconds.
    public let windowMillis: Int64
    /// In windows.
    public let horizon: Int
    /// The models' names: the combination first, then components, then bare naives.
    public let models: [String]
    /// By name of the class.
    public let series: [Series]

    init(_ counts: WindowCounts, _ configuration: ForecastConfiguration, models: [String], series: [Series]) {
        dataset = counts.dataset
        target = counts.target
        windowMillis = configuration.windowMillis
        horizon = configuration.horizons[0]
        self.models = models
        self.series = series
    }

    /// Every model over all series.
    public var overall: [Overall] { overall(series) }

    /// The series with one event or more in a window on average: those whose median is not simply 0.
    public var busy: [Series] { series.filter { ($0.scores.first?.mean ?? 0) >= 1 } }

    /// Every model over some series.
    public func overall(_ series: [Series]) -> [Overall] {
        models.indices.map { place in
            Overall(model: models[place], scores: series.map { $0.scores[place] })
        }
    }
}

extension ForecastReport: Encodable {
    private enum Key: String, CodingKey {
        case dataset, target, windowMillis, horizon, windows, overall, busy, series
    }

    private struct Named: Encodable {
        let name: String
        let mean: Double?
        let models: [Overall]
    }

    /// All figures, as one object.
    public func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(dataset, forKey: .dataset)
        try object.encode(target.rawValue, forKey: .target)
        try object.encode(windowMillis, forKey: .windowMillis)
        try object.encode(horizon, forKey: .horizon)
        try object.encode(series.first?.scores.first?.windows ?? 0, forKey: .windows)
        try object.encode(overall, forKey: .overall)
        try object.encode(overall(busy), forKey: .busy)
        let named = series.map {
            Named(name: $0.name, mean: $0.scores.first?.mean, models: overall([$0]))
        }
        try object.encode(named, forKey: .series)
    }
}
