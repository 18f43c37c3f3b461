import Contracts
import Glibc

/// A checked configuration in numbers, with the tables that all customers share.
struct GeneratorWorld: Sendable {
    /// A launch with regions as indices and times in milliseconds.
    struct Launch: Sendable {
        var home: Int
        var target: Int
        var onset: EventTime
        var ramp: EventTime
        var fraction: Double
    }

    let configuration: GeneratorConfiguration
    let launches: [Launch]
    let spells: [Spell]
    /// The largest intensity of a spell, at least 1.
    let intensityMax: Double
    /// Running sums of weights, for picking.
    let regionSums: [Double]
    let domainSums: [Double]
    /// The same per day, as demand for products changes.
    let productSums: [[Double]]
    /// Demand per hour of the week from Monday 0:00 local time; the mean is 1.
    let weekly: [Double]
    /// The largest of `weekly`.
    let peak: Double

    init(_ configuration: GeneratorConfiguration) throws(GeneratorConfiguration.Failure) {
        try configuration.check()
        self.configuration = configuration
        regionSums = Self.sums(configuration.regions.map(\.weight))
        domainSums = Self.sums(configuration.domains.map(\.weight))
        productSums = (0..<configuration.days).map { day in
            Self.sums(configuration.products.map { Self.demand($0, day: Double(day)) })
        }
        let names = configuration.regions.map(\.name)
        launches = configuration.effectiveLaunches.compactMap { launch in
            guard let home = names.firstIndex(of: launch.home),
                let target = names.firstIndex(of: launch.target)
            else { return nil }
            let day = Double(millisPerDay)
            return Launch(
                home: home, target: target, onset: configuration.start + EventTime(launch.onsetDay * day),
                ramp: EventTime(launch.rampDays * day), fraction: launch.fraction)
        }
        spells = Self.spells(configuration)
        intensityMax = max(1, spells.map(\.intensity).max() ?? 1)
        weekly = (0..<168).map(Self.demand(hourOfWeek:))
        peak = weekly.max() ?? 1
    }

    /// How busy a region is at a moment, as a multiple of its mean: by its own clock and weekday.
    func demand(region: Int, at time: EventTime) -> Double {
        let local = time + configuration.regions[region].utcOffsetMinutes * 60_000
        // The epoch began on a Thursday. Local time is negative only in the first hours of 1970.
        let hour = (max(0, local) / 3_600_000 + 72) % 168
        return weekly[Int(hour)]
    }

    /// The moment when that part of the workload is over.
    func moment(part: Double) -> EventTime {
        configuration.start + EventTime(part * Double(configuration.end - configuration.start))
    }

    /// Another region than `home`, by weight; nil if there is none.
    func elsewhere(_ home: Int, random: inout SeededRandom) -> Int? {
        let own = configuration.regions[home].weight
        let total = regionSums.last ?? 0
        let at = random.uniform() * (total - own)
        var sum = 0.0
        var last: Int?
        for (place, region) in configuration.regions.enumerated() where place != home {
            sum += region.weight
            last = place
            if at < sum { break }
        }
        return last
    }

    private static func sums(_ weights: [Double]) -> [Double] {
        var sum = 0.0
        return weights.map { weight in
            sum += weight
            return sum
        }
    }

    private static func demand(_ product: ProductProfile, day: Double) -> Double {
        let turn = (day - product.phaseDays) / product.periodDays
        return product.weight * (1 + product.swing * sin(2 * Double.pi * turn))
    }

    /// Busiest at 14:00 and quietest at 2:00; weekends at 0.6 of the mean, weekdays above it accordingly.
    private static func demand(hourOfWeek hour: Int) -> Double {
        let weekend = 0.6
        let level = hour / 24 >= 5 ? weekend : (7 - 2 * weekend) / 5
        return level * (1 + 0.8 * cos(2 * Double.pi * Double(hour % 24 - 14) / 24))
    }
}

extension SeededRandom {
    /// Log-normal with that mean; `spread` is the standard deviation of its logarithm.
    mutating func logNormal(mean: Double, spread: Double) -> Double {
        mean * exp(spread * normal() - spread * spread / 2)
    }
}
