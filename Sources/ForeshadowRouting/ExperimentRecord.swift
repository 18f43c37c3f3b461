package import Experiments
internal import Foundation
package import Routing

/// What `routing-experiments` carries: an experiment's definition and whole state, keyed by its name.
package struct ExperimentRecord: Codable, Sendable, Equatable {
    package enum State: String, Codable, Sendable {
        case running
        case stopped
        case adopted
    }

    package struct VariantRecord: Codable, Sendable, Equatable {
        package var name: String
        package var share: Double
        package var weights: WeightsRecord?

        package init(name: String, share: Double, weights: WeightsRecord? = nil) {
            self.name = name
            self.share = share
            self.weights = weights
        }
    }

    package struct GuardRecord: Codable, Sendable, Equatable {
        package var metric: String
        package var relative: Double?
        package var absolute: Double?
    }

    package struct SwitchbackRecord: Codable, Sendable, Equatable {
        package var blockMillis: Int64
        package var settleMillis: Int64?
        package var cells: [String]
    }

    package struct BanditRecord: Codable, Sendable, Equatable {
        package var controlShare: Double
        package var leastShare: Double?
        package var windowMillis: Int64
    }

    /// Shares that hold from a window on.
    package struct SharesRecord: Codable, Sendable, Equatable {
        package var window: Int64
        package var shares: [Double]

        package init(window: Int64, shares: [Double]) {
            self.window = window
            self.shares = shares
        }
    }

    package var name: String
    package var state = State.running
    /// Rises by one with every record of this experiment; the highest counts.
    package var epoch: Int64 = 1
    package var goal: String
    package var variants: [VariantRecord]
    package var alpha: Double?
    package var plannedEffect: Double?
    package var minimumUnits: Int64?
    package var guards: [GuardRecord]?
    package var switchback: SwitchbackRecord?
    package var bandit: BanditRecord?
    package var adoptsAutomatically: Bool?
    /// Epoch milliseconds.
    package var startedAt: Int64
    /// When it came into this state.
    package var decidedAt: Int64
    package var by: String
    package var reason: String
    /// The variant whose weights everybody is routed by from then on.
    package var adopted: String?
    package var decisions: [SharesRecord]?

    /// The first record of an experiment; what is not given here has its default.
    package init(
        name: String, goal: String, variants: [VariantRecord], startedAt: Int64, by: String, reason: String
    ) {
        self.name = name
        self.goal = goal
        self.variants = variants
        self.startedAt = startedAt
        decidedAt = startedAt
        self.by = by
        self.reason = reason
    }

    /// A record as it is published: `routing-experiments` holds nothing else.
    package init(decoding value: RawSpan) throws {
        self = try value.withUnsafeBytes { try JSONDecoder().decode(Self.self, from: Data($0)) }
    }

    /// The value of a `routing-experiments` record.
    package func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }
}

/// Weights of which those that are not given stay as they are.
package struct WeightsRecord: Codable, Sendable, Equatable {
    package var home: Double?
    package var affinity: Double?
    package var proximity: Double?
    package var load: Double?
    package var shadow: Double?
    package var tieMargin: Double?
    package var loadSlack: Double?

    package func over(_ base: RoutingWeights) -> RoutingWeights {
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
package enum DefinitionFailure: Error, Equatable, CustomStringConvertible {
    /// No metric has that name.
    case metric(String)
    /// A guard has not exactly one of `relative` and `absolute`.
    case tolerance(String)
    /// A number is not 0 to the limit.
    case number(String, Double)
    /// The variant that is adopted is none of the experiment's.
    case variant(String)
    /// A text has no bytes, or too many.
    case length(String, max: Int)

    package var description: String {
        switch self {
        case .metric(let name): "'\(name)' is no metric: latency, errors and remoteReads are"
        case .tolerance(let metric): "guard \(metric): exactly one of relative and absolute is needed"
        case .number(let name, let limit): "\(name) must be 0 to \(limit)"
        case .variant(let name): "'\(name)' is none of the variants"
        case .length(let name, let max): "\(name) has 1 to \(max) bytes"
        }
    }
}

extension ExperimentRecord {
    /// The experiment it defines. Throws what is wrong with it.
    package func experiment() throws -> Experiment {
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
    package func shareDecisions() throws -> [ShareDecision] {
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
