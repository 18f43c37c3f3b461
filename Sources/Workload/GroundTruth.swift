public import Contracts

/// What is true of a generated workload: which customers came to use which region mostly, and when.
///
/// Regions only: domains do not shift. Trips do not count, as they end.
public struct GroundTruth: Sendable, Equatable {
    /// The customers of a home that came to use one target mostly.
    public struct Pair: Sendable, Equatable {
        /// Where they were at home.
        public var home: String
        /// Where their accesses came to be from.
        public var target: String
        /// All customers of the home, whether or not they stay, move or stop.
        public var customers: Int64
        /// When the launch that leads there starts; nil if there is none.
        public var onset: EventTime?
        /// The part of the home's customers that the launch was set to take, in thousandths; 0 without one.
        public var launchMilli: Int64
        /// How many of them moved on their own.
        public var movers: Int64
        /// When each of them, mover or launched, came to use the target mostly; ascending.
        public var arrivals: [EventTime]

        /// A pair that nobody has taken yet.
        public init(home: String, target: String) {
            self.home = home
            self.target = target
            customers = 0
            launchMilli = 0
            movers = 0
            arrivals = []
        }

        /// The part of the home's customers that mostly use the target at `time`, in thousandths.
        public func shareMilli(at time: EventTime) -> Int64 {
            Int64(arrivals.prefix { $0 <= time }.count) * 1_000 / max(1, customers)
        }

        /// That part at the end of the workload, in thousandths.
        public var finalShareMilli: Int64 { Int64(arrivals.count) * 1_000 / max(1, customers) }

        /// When that part reaches `thresholdMilli` thousandths; nil if it never does.
        public func crossing(ofMilli thresholdMilli: Int64) -> EventTime? {
            let needed = max(1, (max(0, thresholdMilli) * customers + 999) / 1_000)
            return needed <= arrivals.count ? arrivals[Int(needed) - 1] : nil
        }
    }

    /// The workload's seed.
    public var seed: UInt64
    /// Its first moment.
    public var start: EventTime
    /// The first moment after it.
    public var end: EventTime
    /// The pairs that have a launch or at least one mover, in the order of the configured regions.
    public var pairs: [Pair]

    /// The pair of two regions; nil if nobody went that way.
    public func pair(home: String, target: String) -> Pair? {
        pairs.first { $0.home == home && $0.target == target }
    }

    /// Makes a truth from its parts.
    public init(seed: UInt64, start: EventTime, end: EventTime, pairs: [Pair]) {
        self.seed = seed
        self.start = start
        self.end = end
        self.pairs = pairs
    }
}

extension GroundTruth {
    /// Counts the plans of a workload's customers.
    init(_ world: GeneratorWorld, plans: [CustomerPlan]) {
        let names = world.configuration.regions.map(\.name)
        let end = world.configuration.end
        var customers = [Int64](repeating: 0, count: names.count)
        var pairs: [Int: Pair] = [:]  // by home * regions + target
        for launch in world.launches {
            let place = launch.home * names.count + launch.target
            var pair = pairs[place] ?? Pair(home: names[launch.home], target: names[launch.target])
            pair.onset = min(pair.onset ?? launch.onset, launch.onset)
            pair.launchMilli += Int64((launch.fraction * 1_000).rounded())
            pairs[place] = pair
        }
        for plan in plans {
            customers[plan.home] += 1
            guard let departure = plan.departure,
                let arrival = plan.arrival(at: departure.target, before: end)
            else { continue }
            let place = plan.home * names.count + departure.target
            var pair =
                pairs.removeValue(forKey: place)
                ?? Pair(home: names[plan.home], target: names[departure.target])
            pair.arrivals.append(arrival)
            if departure.launch == nil { pair.movers += 1 }
            pairs[place] = pair
        }
        let inOrder = pairs.sorted { $0.key < $1.key }.map { place, pair in
            var pair = pair
            pair.customers = customers[place / names.count]
            pair.arrivals.sort()
            return pair
        }
        let configuration = world.configuration
        self.init(seed: configuration.seed, start: configuration.start, end: end, pairs: inOrder)
    }
}
