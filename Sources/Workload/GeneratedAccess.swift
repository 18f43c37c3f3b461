import Contracts

/// A generated event in numbers, until it is handed out.
struct GeneratedAccess: Sendable {
    /// When it reaches the log.
    var arrival: EventTime
    /// When it happened.
    var time: EventTime
    /// Bytes touched.
    var bytes: Int64
    /// The customer's index.
    var customer: UInt32
    /// Counts the customer's events from 0.
    var sequence: UInt32
    /// Where it came from.
    var region: UInt16
    /// The domain's index.
    var domain: UInt8
    /// The product's index.
    var product: UInt8
    /// Whether it writes.
    var writes: Bool
    /// Whether it is the second copy of an event.
    var isCopy: Bool

    /// The order of arrival; no two events are equal in it.
    static func isBefore(_ a: Self, _ b: Self) -> Bool {
        if a.arrival != b.arrival { return a.arrival < b.arrival }
        if a.customer != b.customer { return a.customer < b.customer }
        if a.sequence != b.sequence { return a.sequence < b.sequence }
        return !a.isCopy && b.isCopy
    }
}

/// A customer while it is played: its plan, its random numbers, and how many events it has made.
struct GeneratedCustomer: Sendable {
    let plan: CustomerPlan
    private let index: UInt32
    private var random: SeededRandom
    private var sequence: UInt32 = 0

    /// Draws the plan of customer `index`; plan and events come from two streams of its own.
    init(_ index: Int, in world: GeneratorWorld) {
        self.index = UInt32(index)
        var planner = SeededRandom(seed: world.configuration.seed, stream: UInt64(index) * 2)
        var spells = SeededRandom(seed: world.configuration.seed, stream: 1 << 63 | UInt64(index))
        plan = CustomerPlan(world, random: &planner, spells: &spells)
        random = SeededRandom(seed: world.configuration.seed, stream: UInt64(index) * 2 + 1)
    }

    /// Appends the events of a day.
    ///
    /// A Poisson process whose rate follows the clock of where the customer is, by thinning. Source: Lewis
    /// and Shedler, "Simulation of Nonhomogeneous Poisson Processes by Thinning" (1979).
    mutating func live(day: Int, in world: GeneratorWorld, into out: inout [GeneratedAccess]) {
        let start = world.configuration.start + EventTime(day) * millisPerDay
        if plan.churn <= start { return }
        let count = random.poisson(mean: plan.rate * world.peak * world.intensityMax)
        var times: [EventTime] = []
        times.reserveCapacity(count)
        for _ in 0..<count { times.append(start + random.below(millisPerDay)) }
        times.sort()
        for time in times {
            if plan.churn <= time { return }
            let isLoyal = random.chance(world.configuration.launchLoyalty)
            let region = plan.region(at: time, isLoyal: isLoyal)
            let intensity = plan.intensity(at: time) / world.intensityMax
            if random.chance(world.demand(region: region, at: time) / world.peak * intensity) {
                emit(time, from: region, day: day, in: world, into: &out)
            }
        }
    }

    private mutating func emit(
        _ time: EventTime, from region: Int, day: Int, in world: GeneratorWorld,
        into out: inout [GeneratedAccess]
    ) {
        let configuration = world.configuration
        let domain = pickDomain(world)
        let products = world.productSums[day]
        var access = GeneratedAccess(
            arrival: time, time: time,
            bytes: min(1 << 30, max(1, Int64(random.logNormal(mean: 16_384, spread: 1.2)))),
            customer: index, sequence: sequence, region: UInt16(region), domain: UInt8(domain),
            product: UInt8(products.isEmpty ? 0 : random.pick(products)),
            writes: random.chance(world.writeShare(domain: domain)), isCopy: false)
        sequence += 1
        if random.chance(configuration.lateShare) {
            access.arrival += 1 + random.below(configuration.delayMax)
        }
        out.append(access)
        if random.chance(configuration.duplicateShare) {
            access.arrival += 1 + random.below(configuration.delayMax)
            access.isCopy = true
            out.append(access)
        }
    }

    private mutating func pickDomain(_ world: GeneratorWorld) -> Int {
        if world.domainSums.isEmpty { return 0 }
        return random.chance(0.6) ? plan.favourite : random.pick(world.domainSums)
    }
}

extension GeneratorWorld {
    /// Share of a domain's accesses that write.
    fileprivate func writeShare(domain: Int) -> Double {
        configuration.domains.isEmpty ? 0.2 : configuration.domains[domain].writeShare
    }
}
