extension RegionProfile {
    /// Eight regions around the world, with the offsets of their winter clocks.
    public static let standard = [
        RegionProfile("us-east", utcOffsetMinutes: -300, weight: 22),
        RegionProfile("us-west", utcOffsetMinutes: -480, weight: 14),
        RegionProfile("eu-west", utcOffsetMinutes: 0, weight: 16),
        RegionProfile("eu-central", utcOffsetMinutes: 60, weight: 12),
        RegionProfile("ap-south", utcOffsetMinutes: 330, weight: 12),
        RegionProfile("ap-northeast", utcOffsetMinutes: 540, weight: 10),
        RegionProfile("sa-east", utcOffsetMinutes: -180, weight: 8),
        RegionProfile("af-south", utcOffsetMinutes: 120, weight: 6),
    ]
}

extension DomainProfile {
    /// Sales, support and billing.
    public static let standard = [
        DomainProfile("sales", weight: 5, readKind: "browse", writeKind: "purchase", writeShare: 0.15),
        DomainProfile(
            "support", weight: 3, readKind: "case-view", writeKind: "support-request", writeShare: 0.4),
        DomainProfile("billing", weight: 2, readKind: "invoice-view", writeKind: "payment", writeShare: 0.3),
    ]
}

extension ProductProfile {
    /// Three products: one by the week, one by the month, one steady.
    public static let standard = [
        ProductProfile("compute", weight: 5, swing: 0.5, periodDays: 7, phaseDays: 1),
        ProductProfile("analytics", weight: 2, swing: 0.8, periodDays: 28, phaseDays: 7),
        ProductProfile("storage", weight: 3, swing: 0, periodDays: 7, phaseDays: 0),
    ]
}

extension RegionalLaunch {
    /// Three launches of different homes, targets, onsets, sizes and speeds, spread over `days`; as many of
    /// them as there are regions for.
    public static func standard(regions: [RegionProfile], days: Int) -> [RegionalLaunch] {
        let plan: [(home: Int, target: Int, onset: Double, fraction: Double, ramp: Double)] = [
            (0, 2, 8, 0.45, 5), (4, 5, 12, 0.60, 3), (3, 1, 16, 0.35, 7),
        ]
        let scale = Double(days) / 28
        return plan.filter { max($0.home, $0.target) < regions.count }.map {
            RegionalLaunch(
                home: regions[$0.home].name, target: regions[$0.target].name, onsetDay: $0.onset * scale,
                fraction: $0.fraction, rampDays: $0.ramp * min(1, scale))
        }
    }
}
