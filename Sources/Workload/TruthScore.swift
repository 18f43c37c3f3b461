public import Contracts

/// A command that was seen, with its partitions by name.
public struct SeenCommand: Sendable, Equatable {
    /// The shadow's source: a region, or `region/domain`.
    public var source: String
    /// The shadow's target, likewise.
    public var target: String
    /// What was announced.
    public var type: CommandType
    /// The end of the window that led to it.
    public var windowEnd: EventTime

    /// Makes one from its parts.
    public init(source: String, target: String, type: CommandType, windowEnd: EventTime) {
        self.source = source
        self.target = target
        self.type = type
        self.windowEnd = windowEnd
    }
}

/// How well a run's commands match what is true.
public struct TruthScore: Sendable, Equatable {
    /// What became of a true rise. Times are ends of windows; nil for what never came.
    public struct Rise: Sendable, Equatable {
        /// Where the customers were at home.
        public var home: String
        /// Where they turned to.
        public var target: String
        /// When the launch started; without one, when the first mover arrived.
        public var onset: EventTime
        /// When the true part of customers crossed the threshold.
        public var crossing: EventTime
        /// The true part in the end, in thousandths.
        public var finalShareMilli: Int64
        /// When its shadow was provisioned: the first time after the onset; else the last before it.
        public var provisioned: EventTime?
        /// When it was activated, likewise.
        public var activated: EventTime?
        /// When it was promoted, likewise.
        public var promoted: EventTime?
    }

    /// A shadow that was provisioned without a true rise.
    public struct FalseShadow: Sendable, Equatable {
        /// Its source region.
        public var source: String
        /// Its target region.
        public var target: String
        /// When it was provisioned first.
        public var provisioned: EventTime
        /// The true part of customers that mostly use the target, in the end, in thousandths.
        public var finalShareMilli: Int64
        /// It is a true rise, but was provisioned before its onset.
        public var isEarly: Bool
    }

    /// The threshold that makes a pair a true rise, in thousandths.
    public var thresholdMilli: Int64
    /// One per true rise, in the order of the truth.
    public var rises: [Rise]
    /// One per pair, in order of first provisioning.
    public var falseShadows: [FalseShadow]
}

extension GroundTruth {
    /// Compares commands with the truth.
    ///
    /// A pair is a true rise if the part of the home's customers that mostly use the target reaches the
    /// threshold, by a launch, by movers or by both. Partitions count by their regions. The commands may be
    /// in any order.
    public func score(_ commands: [SeenCommand], thresholdMilli: Int64) -> TruthScore {
        let seen = commands.map {
            var command = $0
            command.source = Self.region(of: $0.source)
            command.target = Self.region(of: $0.target)
            return command
        }
        let rises = pairs.compactMap { Self.rise($0, seen, thresholdMilli: thresholdMilli) }
        return TruthScore(
            thresholdMilli: thresholdMilli, rises: rises, falseShadows: falseShadows(seen, rises: rises))
    }

    private static func region(of partition: String) -> String {
        String(partition.prefix { $0 != "/" })
    }

    private static func rise(_ pair: Pair, _ seen: [SeenCommand], thresholdMilli: Int64) -> TruthScore.Rise? {
        guard let crossing = pair.crossing(ofMilli: thresholdMilli) else { return nil }
        let onset = pair.onset ?? pair.arrivals.first ?? crossing
        let own = seen.filter { $0.source == pair.home && $0.target == pair.target }
        func time(_ type: CommandType) -> EventTime? {
            let times = own.filter { $0.type == type }.map(\.windowEnd)
            return times.filter { $0 >= onset }.min() ?? times.max()
        }
        return TruthScore.Rise(
            home: pair.home, target: pair.target, onset: onset, crossing: crossing,
            finalShareMilli: pair.finalShareMilli, provisioned: time(.provision),
            activated: time(.activation), promoted: time(.promotion))
    }

    private func falseShadows(_ seen: [SeenCommand], rises: [TruthScore.Rise]) -> [TruthScore.FalseShadow] {
        var found: [TruthScore.FalseShadow] = []
        let provisions = seen.filter { $0.type == .provision }.sorted {
            ($0.windowEnd, $0.source, $0.target) < ($1.windowEnd, $1.source, $1.target)
        }
        for command in provisions {
            let rise = rises.first { $0.home == command.source && $0.target == command.target }
            if let rise, rise.onset <= command.windowEnd { continue }
            if found.contains(where: { $0.source == command.source && $0.target == command.target }) {
                continue
            }
            let share = pair(home: command.source, target: command.target)?.finalShareMilli ?? 0
            found.append(
                TruthScore.FalseShadow(
                    source: command.source, target: command.target, provisioned: command.windowEnd,
                    finalShareMilli: share, isEarly: rise != nil))
        }
        return found
    }
}
