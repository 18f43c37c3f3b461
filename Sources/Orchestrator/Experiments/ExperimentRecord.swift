internal import Experiments
internal import Routing

/// What `routing-experiments` carries: an experiment's definition and whole state, keyed by its name.
struct ExperimentRecord: Codable, Sendable, Equatable {
    enum State: String, Codable, Sendable {
        case running
        case stopped
        case adopted
    }

    struct VariantRecord: Codable, Sendable, Equatable {
        var name: String
        var share: Double
        var weights: WeightsRecord?
    }

    struct GuardRecord: Codable, Sendable, Equatable {
        var metric: String
        var relative: Double?
        var absolute: Double?
    }

    struct SwitchbackRecord: Codable, Sendable, Equatable {
        var blockMillis: Int64
        var settleMillis: Int64?
        var cells: [String]
    }

    struct BanditRecord: Codable, Sendable, Equatable {
        var controlShare: Double
        var leastShare: Double?
        var windowMillis: Int64
    }

    /// Shares that hold from a window on.
    struct SharesRecord: Codable, Sendable, Equatable {
        var window: Int64
        var shares: [Double]
    }

    var name: String
    var state = State.running
    /// Rises by one with every record of this experiment; the highest counts.
    var epoch: Int64 = 1
    var goal: String
    var variants: [VariantRecord]
    var alpha: Double?
    var plannedEffect: Double?
    var minimumUnits: Int64?
    var guards: [GuardRecord]?
    var switchback: SwitchbackRecord?
    var bandit: BanditRecord?
    var adoptsAutomatically: Bool?
    /// Epoch milliseconds.
    var startedAt: Int64
    /// When it came into this state.
    var decidedAt: Int64
    var by: String
    var reason: String
    /// The variant whose weights everybody is routed by from then on.
    var adopted: String?
    var decisions: [SharesRecord]?
}

/// Weights of which those that are not given stay as they are.
struct WeightsRecord: Codable, Sendable, Equatable {
    var home: Double?
    var affinity: Double?
    var proximity: Double?
    var load: Double?
    var shadow: Double?
    var tieMargin: Double?
    var loadSlack: Double?

    func over(_ base: RoutingWeights) -> RoutingWeights {
        var weights = base
        weights.home = home ?? base.home
        weights.affinity = affinity ?? base.affinity
        weights.proximity = proximity ?? base.proximity
        weights.load = load ?? base.load
        weights.shadow = shadow ?? base.shadow
        weights.tieMargin = tieMargin ?? base.tieMargin
        weights.loadSlack = loadSlack ?? base.loadSlack
        return weights
    }
}

/// Why a definition cannot be used, beside what the experiment itself says.
enum DefinitionFailure: Error, Equatable, CustomStringConvertible {
    /// No metric has that name.
    case metric(String)
    /// A guard has not exactly one of `relative` and `absolute`.
    case tolerance(String)
    /// A number is not 0 to the limit.
    case number(String, Double)
    /// The variant that is adopted is none of the experiment's.
    case variant(String)

    var description: String {
        switch self {
        case .metric(let name): "'\(name)' is no metric: latency, errors and remoteReads are"
        case .tolerance(let metric): "guard \(metric): exactly one of relative and absolute is needed"
        case .number(let name, let limit): "\(name) must be 0 to \(limit)"
        case .variant(let name): "'\(name)' is none of the variants"
        }
    }
}

extension ExperimentRecord {
    /// The experiment it defines. Throws what is wrong with it.
    func experiment() throws -> Experiment {
        var experiment = Experiment(
            name,
            variants: try variants.map { Variant($0.name, shareMilli: try Self.milli($0.share, "share")) },
            goal: try Self.metric(goal), guards: try (guards ?? []).map(Self.guardMetric))
        if let alpha { experiment.alpha = alpha }
        if let plannedEffect { experiment.plannedEffect = plannedEffect }
        if let minimumUnits { experiment.minimumUnits = minimumUnits }
        experiment.switchback = switchback.map {
            Switchback(blockMillis: $0.blockMillis, settleMillis: $0.settleMillis ?? 0, cells: $0.cells)
        }
        experiment.bandit = try bandit.map {
            Bandit(
                controlShareMilli: try Self.milli($0.controlShare, "bandit.controlShare"),
                leastShareMilli: try Self.milli($0.leastShare ?? 0.01, "bandit.leastShare"),
                windowMillis: $0.windowMillis)
        }
        experiment.adoptsAutomatically = adoptsAutomatically ?? false
        try experiment.validate()
        for variant in variants { try variant.weights?.over(RoutingWeights()).validate() }
        if let adopted, !variants.contains(where: { $0.name == adopted }) {
            throw DefinitionFailure.variant(adopted)
        }
        return experiment
    }

    /// The bandit's decisions so far.
    func shareDecisions() throws -> [ShareDecision] {
        try (decisions ?? []).map { decision in
            ShareDecision(
                window: decision.window, sharesMilli: try decision.shares.map { try Self.milli($0, "shares") }
            )
        }
    }

    private static func metric(_ name: String) throws -> Metric {
        guard let metric = Metric(rawValue: name) else { throw DefinitionFailure.metric(name) }
        return metric
    }

    private static func guardMetric(_ record: GuardRecord) throws -> GuardMetric {
        let metric = try metric(record.metric)
        switch (record.relative, record.absolute) {
        case (let relative?, nil):
            return GuardMetric(metric, .relative(milli: try milli(relative, "guards.relative", limit: 100)))
        case (nil, let absolute?):
            return GuardMetric(metric, .absolute(milli: try milli(absolute, "guards.absolute", limit: 1e9)))
        default: throw DefinitionFailure.tolerance(record.metric)
        }
    }

    /// Thousandths of what is 0 to `limit`.
    private static func milli(_ value: Double, _ name: String, limit: Double = 1) throws -> Int64 {
        guard (0...limit).contains(value) else { throw DefinitionFailure.number(name, limit) }
        return Int64((value * 1_000).rounded())
    }
}
