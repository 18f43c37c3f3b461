extension GeneratorConfiguration {
    /// Why a workload cannot be generated.
    public enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// A figure is outside of what makes sense.
        case outOfRange(name: String, value: Double, needed: String)
        /// A name stands twice in a list, or is empty. Names must tell things apart.
        case badName(list: String, name: String)
        /// A launch names a region that is not listed.
        case unknownRegion(String)
        /// A launch leads home.
        case launchesHome(String)
        /// The launches of one home take more than all its customers. Lower their fractions.
        case launchesTooLarge(home: String)
        /// A spell names a region that is not listed.
        case unknownSpell(String)

        /// The reason, for people.
        public var description: String {
            switch self {
            case .outOfRange(let name, let value, let needed): "\(name) is \(value); it must be \(needed)"
            case .badName(let list, let name): "the name '\(name)' is empty or stands twice in \(list)"
            case .unknownRegion(let name): "a launch names region '\(name)', which is not listed"
            case .launchesHome(let name): "the launch of region '\(name)' leads to itself"
            case .launchesTooLarge(let home):
                "the launches of home '\(home)' take more than all its customers"
            case .unknownSpell(let name): "a spell names region '\(name)', which is not listed"
            }
        }
    }

    /// Throws what is wrong with the configuration, if anything.
    public func check() throws(Failure) {
        try Self.check("customers", Double(customers), in: 1...50_000_000)
        try Self.check("days", Double(days), in: 1...36_500)
        // Years 1970 to 5138: far from where sums of milliseconds overflow.
        try Self.check("start", Double(start), in: 0...100_000_000_000_000)
        try Self.check("delayMax", Double(delayMax), in: 1...Double(millisPerDay))
        try Self.check("accessesPerDay", accessesPerDay, in: 0...100_000)
        try Self.check("launchLoyalty", launchLoyalty, in: 0.5...1)
        for (name, share) in [
            ("moverShare", moverShare), ("travellerShare", travellerShare), ("churnShare", churnShare),
            ("duplicateShare", duplicateShare), ("lateShare", lateShare),
        ] { try Self.check(name, share, in: 0...1) }
        try checkProfiles()
        try checkLaunches()
        try checkSpells()
    }

    private func checkProfiles() throws(Failure) {
        try Self.check("number of regions", Double(regions.count), in: 1...4_096)
        try Self.check("number of domains", Double(domains.count), in: 0...256)
        try Self.check("number of products", Double(products.count), in: 0...256)
        try Self.check(regions.map(\.name), list: "regions")
        try Self.check(domains.map(\.name), list: "domains")
        try Self.check(products.map(\.name), list: "products")
        for region in regions {
            try Self.check(
                "utcOffsetMinutes of \(region.name)", Double(region.utcOffsetMinutes), in: -1_440...1_440)
        }
        for domain in domains {
            try Self.check("writeShare of \(domain.name)", domain.writeShare, in: 0...1)
        }
        for product in products {
            try Self.check("swing of \(product.name)", product.swing, in: 0...1)
            try Self.check("periodDays of \(product.name)", product.periodDays, in: 0.01...36_500)
            try Self.check("phaseDays of \(product.name)", product.phaseDays, in: -36_500...36_500)
        }
        let weights =
            regions.map { ($0.name, $0.weight) } + domains.map { ($0.name, $0.weight) }
            + products.map { ($0.name, $0.weight) }
        for (name, weight) in weights { try Self.check("weight of \(name)", weight, in: 1e-6...1e9) }
    }

    private func checkLaunches() throws(Failure) {
        let names = regions.map(\.name)
        var taken = [Double](repeating: 0, count: names.count)
        for launch in effectiveLaunches {
            guard let home = names.firstIndex(of: launch.home) else { throw .unknownRegion(launch.home) }
            guard names.contains(launch.target) else { throw .unknownRegion(launch.target) }
            if launch.home == launch.target { throw .launchesHome(launch.home) }
            try Self.check("fraction of the launch of \(launch.home)", launch.fraction, in: 0...1)
            try Self.check("onsetDay of the launch of \(launch.home)", launch.onsetDay, in: 0...36_500)
            try Self.check("rampDays of the launch of \(launch.home)", launch.rampDays, in: 0...36_500)
            taken[home] += launch.fraction
            if taken[home] > 1 { throw .launchesTooLarge(home: launch.home) }
        }
    }

    private func checkSpells() throws(Failure) {
        let names = regions.map(\.name)
        for spell in spells {
            for name in [spell.home, spell.target ?? spell.home] where !names.contains(name) {
                throw .unknownSpell(name)
            }
            try Self.check("startDay of the spell of \(spell.home)", spell.startDay, in: 0...36_500)
            try Self.check("days of the spell of \(spell.home)", spell.days, in: 0...36_500)
            try Self.check("fraction of the spell of \(spell.home)", spell.fraction, in: 0...1)
            try Self.check("intensity of the spell of \(spell.home)", spell.intensity, in: 0...100)
        }
    }

    private static func check(_ names: [String], list: String) throws(Failure) {
        var seen = Set<String>()
        for name in names where name.isEmpty || !seen.insert(name).inserted {
            throw .badName(list: list, name: name)
        }
    }

    private static func check(
        _ name: String, _ value: Double, in range: ClosedRange<Double>
    ) throws(Failure) {
        guard range.contains(value) else {
            throw .outOfRange(name: name, value: value, needed: "\(range.lowerBound) to \(range.upperBound)")
        }
    }
}
