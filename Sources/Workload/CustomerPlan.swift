import Contracts

/// What a customer will do over the whole workload: drawn once, from the customer's own stream.
struct CustomerPlan: Sendable {
    /// A stay in another region.
    struct Trip: Sendable {
        var from: EventTime
        var to: EventTime
        var region: Int
    }

    /// A change of region for good.
    struct Departure: Sendable {
        var time: EventTime
        var target: Int
        /// The launch that caused it; nil for a customer that moved on its own.
        var launch: Int?
    }

    /// The region the customer starts in.
    let home: Int
    /// Mean accesses per day.
    let rate: Double
    /// The domain most accesses belong to.
    let favourite: Int
    /// When and where it leaves home for good.
    let departure: Departure?
    /// Stays elsewhere, in order of time.
    let trips: [Trip]
    /// The spells it takes part in.
    let spells: [GeneratorWorld.Spell]
    /// When it stops.
    let churn: EventTime

    /// Where an access at `time` comes from; `isLoyal` says whether a launched customer uses the target.
    func region(at time: EventTime, isLoyal: Bool) -> Int {
        for spell in spells where spell.holds(at: time) {
            if let target = spell.target { return target }
        }
        for trip in trips where trip.from <= time && time < trip.to { return trip.region }
        guard let departure, departure.time <= time else { return home }
        return departure.launch == nil || isLoyal ? departure.target : home
    }

    /// How many accesses it makes at `time`, as a multiple of the usual.
    func intensity(at time: EventTime) -> Double {
        spells.first { $0.holds(at: time) }?.intensity ?? 1
    }

    /// When accesses start to come mostly from `target`; nil if that never happens before `end`.
    func arrival(at target: Int, before end: EventTime) -> EventTime? {
        guard let departure, departure.target == target, departure.time < min(churn, end) else { return nil }
        return departure.time
    }
}

extension CustomerPlan {
    /// Draws a plan. Always in the same order, so that a share changed leaves the rest of the plan alone.
    ///
    /// Whether it takes part in spells comes from `chance`, for the same reason.
    init(_ world: GeneratorWorld, random: inout SeededRandom, spells chance: inout SeededRandom) {
        let configuration = world.configuration
        home = random.pick(world.regionSums)
        rate = configuration.accessesPerDay * random.logNormal(mean: 1, spread: 0.6)
        favourite = world.domainSums.isEmpty ? 0 : random.pick(world.domainSums)
        departure = Self.departure(from: home, world, random: &random)
        let stops = random.chance(configuration.churnShare)
        let stop = world.moment(part: 0.25 + 0.75 * random.uniform())
        churn = stops ? stop : .max
        let travels = random.chance(configuration.travellerShare)
        trips = travels ? Self.trips(from: home, world, random: &random) : []
        var spells: [GeneratorWorld.Spell] = []
        for spell in world.spells where spell.home == home && chance.chance(spell.fraction) {
            spells.append(spell)
        }
        self.spells = spells
    }

    private static func departure(
        from home: Int, _ world: GeneratorWorld, random: inout SeededRandom
    ) -> Departure? {
        let ticket = random.uniform()
        let wait = random.uniform()
        let moves = random.chance(world.configuration.moverShare)
        let moment = world.moment(part: 0.1 + 0.8 * random.uniform())
        let target = world.elsewhere(home, random: &random)
        var taken = 0.0
        for (place, launch) in world.launches.enumerated() where launch.home == home {
            taken += launch.fraction
            if ticket < taken {
                let time = launch.onset + EventTime(wait * Double(launch.ramp))
                return Departure(time: time, target: launch.target, launch: place)
            }
        }
        guard moves, let target else { return nil }
        return Departure(time: moment, target: target, launch: nil)
    }

    private static func trips(
        from home: Int, _ world: GeneratorWorld, random: inout SeededRandom
    ) -> [Trip] {
        let day = Double(millisPerDay)
        var trips: [Trip] = []
        var from = world.configuration.start + EventTime(random.exponential(mean: 14 * day))
        while from < world.configuration.end, let region = world.elsewhere(home, random: &random) {
            let to = from + EventTime((3 + 7 * random.uniform()) * day)
            trips.append(Trip(from: from, to: to, region: region))
            from = to + EventTime(random.exponential(mean: 14 * day))
        }
        return trips
    }
}
