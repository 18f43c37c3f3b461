import Contracts

/// A time in which a part of a home's customers is somewhere else, or does more or less than usual; then all is as it
/// was. A flash crowd, a holiday. It is no rise, as it ends.
public struct Spell: Sendable, Equatable {
    /// Where the customers are at home.
    public var home: String
    /// Where their accesses come from meanwhile; nil: from where they would anyway.
    public var target: String?
    /// When it starts, in days from the workload's start.
    public var startDay: Double
    /// How many days it lasts.
    public var days: Double
    /// The part of the home's customers that takes part.
    public var fraction: Double
    /// How many accesses they make, as a multiple of the usual.
    public var intensity: Double

    /// Makes a spell from its parts.
    public init(
        home: String, target: String?, startDay: Double, days: Double, fraction: Double, intensity: Double = 1
    ) {
        self.home = home
        self.target = target
        self.startDay = startDay
        self.days = days
        self.fraction = fraction
        self.intensity = intensity
    }
}

extension GeneratorWorld {
    /// A spell with regions as indices and times in milliseconds.
    struct Spell: Sendable {
        var home: Int
        var target: Int?
        var from: EventTime
        var to: EventTime
        var fraction: Double
        var intensity: Double

        func holds(at time: EventTime) -> Bool { from <= time && time < to }
    }

    static func spells(_ configuration: GeneratorConfiguration) -> [Spell] {
        let names = configuration.regions.map(\.name)
        let day = Double(millisPerDay)
        return configuration.spells.compactMap { spell in
            guard let home = names.firstIndex(of: spell.home) else { return nil }
            let from = configuration.start + EventTime(spell.startDay * day)
            return Spell(
                home: home, target: spell.target.flatMap { names.firstIndex(of: $0) }, from: from,
                to: from + EventTime(spell.days * day), fraction: spell.fraction, intensity: spell.intensity)
        }
    }
}
