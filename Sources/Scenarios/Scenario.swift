public import Workload

/// A story whose truth is known, for the whole pipeline to be held against.
public enum Scenario: String, CaseIterable, Sendable, Codable {
    /// Three launches of different sizes and speeds.
    case launch
    /// Two migrations that take weeks.
    case slowMigration = "slow-migration"
    /// A launch, then days in which two regions do little and some customers travel.
    case holiday
    /// A launch, and twice a crowd from elsewhere for some hours.
    case flashCrowd = "flash-crowd"
    /// A launch whose target fails while reads are being moved there.
    case outage

    /// What happens, in one line.
    public var summary: String {
        switch self {
        case .launch: "three launches of different sizes and speeds"
        case .slowMigration: "two migrations that take weeks"
        case .holiday: "a launch, then days in which two regions do little and some customers travel"
        case .flashCrowd: "a launch, and twice a crowd from elsewhere for some hours"
        case .outage: "a launch whose target fails while reads are being moved there"
        }
    }

    /// Whether the target of the first ramp fails.
    var hasOutage: Bool { self == .outage }

    /// The workload.
    public func configuration(seed: UInt64, customers: Int) -> GeneratorConfiguration {
        var configuration = GeneratorConfiguration(seed: seed)
        configuration.customers = customers
        switch self {
        case .launch: break
        case .slowMigration:
            configuration.days = 35
            configuration.launches = [
                RegionalLaunch(home: "us-east", target: "us-west", onsetDay: 7, fraction: 0.5, rampDays: 21),
                RegionalLaunch(
                    home: "eu-west", target: "eu-central", onsetDay: 10, fraction: 0.4, rampDays: 18),
            ]
        case .holiday:
            configuration.launches = [Self.oneLaunch]
            configuration.spells = ["us-east", "eu-central"].flatMap {
                [
                    Spell(home: $0, target: "sa-east", startDay: 18, days: 4, fraction: 0.08),
                    Spell(home: $0, target: nil, startDay: 18, days: 4, fraction: 1, intensity: 0.3),
                ]
            }
        case .flashCrowd:
            configuration.launches = [Self.oneLaunch]
            configuration.spells = [
                Spell(
                    home: "us-east", target: "ap-south", startDay: 10.5, days: 0.25, fraction: 0.5,
                    intensity: 5),
                Spell(
                    home: "eu-west", target: "us-west", startDay: 20.25, days: 0.25, fraction: 0.5,
                    intensity: 5),
            ]
        case .outage:
            configuration.days = 21
            configuration.launches = [Self.oneLaunch]
        }
        return configuration
    }

    private static let oneLaunch = RegionalLaunch(
        home: "ap-south", target: "ap-northeast", onsetDay: 6, fraction: 0.5, rampDays: 6)
}
