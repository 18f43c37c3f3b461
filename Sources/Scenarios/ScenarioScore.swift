internal import Contracts
internal import Pipeline
internal import Trends
internal import Workload

/// A run held against its truth.
public struct ScenarioScore: Sendable, Codable, Equatable {
    /// A true rise, and what was done about it. Hours are from its onset.
    public struct Rise: Sendable, Codable, Equatable {
        /// Home and target.
        public var shadow: String
        /// When the true share of customers reached the share that activates.
        public var crossingHours: Double
        /// When a shadow was asked for first; nil if never.
        public var provisionedHours: Double?
        /// When its copy was there.
        public var populatedHours: Double?
        /// When reads began to move.
        public var activatedHours: Double?

        /// Makes a rise from its parts.
        public init(
            shadow: String, crossingHours: Double, provisionedHours: Double? = nil,
            populatedHours: Double? = nil,
            activatedHours: Double? = nil
        ) {
            self.shadow = shadow
            self.crossingHours = crossingHours
            self.provisionedHours = provisionedHours
            self.populatedHours = populatedHours
            self.activatedHours = activatedHours
        }

        /// Whether the copy was there before the demand was.
        public var isInTime: Bool { populatedHours.map { $0 <= crossingHours } ?? false }
    }

    /// What was played.
    public var scenario: Scenario
    /// What its randomness came of.
    public var seed: UInt64
    /// The true rises.
    public var rises: [Rise]
    /// Pairs that got a shadow without a true rise.
    public var falseShadows: [String]
    /// How many shadows were activated.
    public var activations: Int
    /// Those of them without a true rise.
    public var falseActivations: [String]
    /// The most roll-backs of one shadow within 24 hours.
    public var reversalsPerDay: Int
    /// Windows from the start of the outage until reads were stepped back; nil where there was no outage or they
    /// never were.
    public var stepBackWindows: Int?
    /// Windows from the start of the outage until reads were all back; nil likewise.
    public var rollBackWindows: Int?

    /// Scores a run.
    public init(_ outcome: ScenarioRun.Outcome, run: ScenarioRun) {
        scenario = run.scenario
        seed = run.seed
        let threshold = outcome.thresholdMilli
        rises = outcome.truth.pairs.compactMap { Self.rise($0, outcome, threshold) }
        let risen = Set(rises.map(\.shadow))
        func shadows(_ type: CommandType) -> [String] {
            outcome.commands.filter { $0.type == type.rawValue }.map(\.shadow)
        }
        falseShadows = Set(shadows(.provision)).subtracting(risen).sorted()
        activations = shadows(.activation).count
        falseActivations = shadows(.activation).filter { !risen.contains($0) }
        let reversals = outcome.commands.filter { $0.type == CommandType.rollback.rawValue }
        reversalsPerDay =
            reversals.map { last in
                reversals.count {
                    $0.shadow == last.shadow && $0.windowEnd <= last.windowEnd
                        && $0.windowEnd > last.windowEnd - 86_400_000
                }
            }.max() ?? 0
        guard let outage = outcome.outage else { return }
        func windows(_ holds: (ReplayedCommand) -> Bool) -> Int? {
            outcome.commands.first {
                $0.shadow == outage.shadow && $0.windowEnd > outage.from && holds($0)
            }.map { Int(($0.windowEnd - outage.from) / run.pipeline.planner.windowMillis) }
        }
        let before =
            outcome.commands.last { $0.shadow == outage.shadow && $0.windowEnd <= outage.from }?
            .readShareMilli ?? 0
        stepBackWindows = windows { $0.readShareMilli < before }
        rollBackWindows = windows { $0.type == CommandType.rollback.rawValue }
    }

    private static func rise(
        _ pair: GroundTruth.Pair, _ outcome: ScenarioRun.Outcome, _ threshold: Int64
    ) -> Rise? {
        guard let crossing = pair.crossing(ofMilli: threshold), let onset = pair.onset ?? pair.arrivals.first
        else {
            return nil
        }
        let shadow = pair.home + ">" + pair.target
        func hours(_ time: EventTime) -> Double { Double(time - onset) / 3_600_000 }
        func first(_ type: CommandType) -> Double? {
            outcome.commands.first {
                $0.shadow == shadow && $0.type == type.rawValue && $0.windowEnd >= onset
            }
            .map { hours($0.windowEnd) }
        }
        return Rise(
            shadow: shadow, crossingHours: hours(crossing), provisionedHours: first(.provision),
            populatedHours: outcome.populated[shadow]?.first { $0 >= onset }.map(hours),
            activatedHours: first(.activation))
    }
}

/// What all runs came to, and whether it is good enough.
public struct ScenarioReport: Sendable, Codable, Equatable {
    /// One per run.
    public var scores: [ScenarioScore]

    /// A report of runs.
    public init(_ scores: [ScenarioScore]) { self.scores = scores }

    /// True rises.
    public var rises: Int { scores.reduce(0) { $0 + $1.rises.count } }
    /// Those whose copy was there before the demand was.
    public var risesInTime: Int { scores.reduce(0) { $0 + $1.rises.count { $0.isInTime } } }
    /// Activations.
    public var activations: Int { scores.reduce(0) { $0 + $1.activations } }
    /// Those without a true rise.
    public var falseActivations: Int { scores.reduce(0) { $0 + $1.falseActivations.count } }

    /// What is not good enough; empty if all is.
    public var shortfalls: [String] {
        var shortfalls: [String] = []
        if risesInTime * 100 < rises * 80 {
            shortfalls.append("\(risesInTime) of \(rises) true rises had their copy in time; 80 % are asked")
        }
        if falseActivations * 100 > activations * 5 {
            shortfalls.append("\(falseActivations) of \(activations) activations were false; 5 % are allowed")
        }
        for score in scores {
            if score.reversalsPerDay > 1 {
                shortfalls.append("\(score.name): \(score.reversalsPerDay) reversals of one shadow in a day")
            }
            if score.scenario == .flashCrowd, !score.falseActivations.isEmpty {
                shortfalls.append(
                    "\(score.name): the crowd moved \(score.falseActivations.joined(separator: ", "))")
            }
            if score.scenario == .outage, score.rollBackWindows == nil {
                shortfalls.append("\(score.name): no roll-back")
            }
        }
        return shortfalls
    }
}

extension ScenarioScore {
    fileprivate var name: String { "\(scenario.rawValue), seed \(seed)" }
}
