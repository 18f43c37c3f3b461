public import Contracts

/// What a generated workload is like. The defaults make about 280,000 events over four weeks.
public struct GeneratorConfiguration: Sendable, Equatable {
    /// Everything random depends on this alone.
    public var seed: UInt64
    /// How many customers there are.
    public var customers = 5_000
    /// How many days the workload lasts.
    public var days = 28
    /// Its first moment; a Monday.
    public var start: EventTime = 1_767_571_200_000  // 2026-01-05T00:00:00Z
    /// Where customers are at home, and where accesses come from.
    public var regions = RegionProfile.standard
    /// The functions accesses belong to; without any, events have no domain.
    public var domains = DomainProfile.standard
    /// The products accesses are about; without any, events have no product.
    public var products = ProductProfile.standard
    /// Mean accesses per customer and day, before churn.
    public var accessesPerDay = 2.0
    /// Share of customers that leave their home for good.
    public var moverShare = 0.03
    /// Share of customers that go on trips of 3 to 10 days, a fortnight apart on average.
    public var travellerShare = 0.10
    /// Share of customers that stop.
    public var churnShare = 0.05
    /// Share of events that arrive twice.
    public var duplicateShare = 0.005
    /// Share of events that arrive late.
    public var lateShare = 0.01
    /// The longest delay of a late event, and of the second copy of a duplicate, in milliseconds.
    public var delayMax: EventTime = 300_000
    /// Share of a launched customer's accesses that come from the launch's target; the rest come from home.
    public var launchLoyalty = 0.85
    /// The launches; nil for `RegionalLaunch.standard`.
    public var launches: [RegionalLaunch]?
    /// What is different for a time. None unless told.
    public var spells: [Spell] = []

    /// The defaults, with that seed.
    public init(seed: UInt64) { self.seed = seed }

    /// The first moment after the workload.
    public var end: EventTime { start + EventTime(days) * millisPerDay }

    /// The launches that take place.
    public var effectiveLaunches: [RegionalLaunch] {
        launches ?? RegionalLaunch.standard(regions: regions, days: days)
    }
}

/// Milliseconds in a day.
let millisPerDay: EventTime = 86_400_000

/// A region, its clock, and how many customers live there.
public struct RegionProfile: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Minutes its clock is ahead of UTC; summer time is not modelled.
    public var utcOffsetMinutes: Int64
    /// How many customers are at home there, relative to other regions.
    public var weight: Double

    /// Makes a region from its parts.
    public init(_ name: String, utcOffsetMinutes: Int64, weight: Double) {
        self.name = name
        self.utcOffsetMinutes = utcOffsetMinutes
        self.weight = weight
    }
}

/// A function of the business, and what its reads and writes are called.
public struct DomainProfile: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// How often it is used, relative to other domains.
    public var weight: Double
    /// The kind of its reads.
    public var readKind: String
    /// The kind of its writes.
    public var writeKind: String
    /// Share of its accesses that write.
    public var writeShare: Double

    /// Makes a domain from its parts.
    public init(
        _ name: String, weight: Double, readKind: String, writeKind: String, writeShare: Double
    ) {
        self.name = name
        self.weight = weight
        self.readKind = readKind
        self.writeKind = writeKind
        self.writeShare = writeShare
    }
}

/// A product whose demand goes up and down.
public struct ProductProfile: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Its mean demand, relative to other products.
    public var weight: Double
    /// How far demand swings about the mean, as a part of it: 0 to 1.
    public var swing: Double
    /// Days from peak to peak.
    public var periodDays: Double
    /// Days from the workload's start to a moment of mean and rising demand.
    public var phaseDays: Double

    /// Makes a product from its parts.
    public init(_ name: String, weight: Double, swing: Double, periodDays: Double, phaseDays: Double) {
        self.name = name
        self.weight = weight
        self.swing = swing
        self.periodDays = periodDays
        self.phaseDays = phaseDays
    }
}

/// From a moment on, a growing part of a home's customers uses another region.
public struct RegionalLaunch: Sendable, Equatable {
    /// Where the customers are at home.
    public var home: String
    /// The region they turn to.
    public var target: String
    /// When it starts, in days from the workload's start.
    public var onsetDay: Double
    /// The part of the home's customers that turn to it in the end.
    public var fraction: Double
    /// Days until that part is reached; customers turn to it evenly over them.
    public var rampDays: Double

    /// Makes a launch from its parts.
    public init(home: String, target: String, onsetDay: Double, fraction: Double, rampDays: Double) {
        self.home = home
        self.target = target
        self.onsetDay = onsetDay
        self.fraction = fraction
        self.rampDays = rampDays
    }
}
