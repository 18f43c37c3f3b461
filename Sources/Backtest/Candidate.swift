/// A policy with numbers to try.
public struct Candidate {
    /// The policies compared.
    public enum Kind: String, CaseIterable, Sendable {
        case stay = "static"
        case last
        case followTheWorkload = "follow-the-workload"
        case accessCounter = "access-counter"
        case foreshadow
        case clairvoyant

        /// Whether it moves after the demand only.
        public var isReactive: Bool { self == .last || self == .followTheWorkload || self == .accessCounter }
    }

    /// Which policy.
    public let kind: Kind
    /// Its numbers.
    public let parameters: [String: Double]
    private let make: () -> any PlacementPolicy

    /// The policy, knowing nothing yet.
    public var policy: any PlacementPolicy { make() }

    private init(
        _ kind: Kind, _ parameters: [String: Double] = [:], _ make: @escaping () -> any PlacementPolicy
    ) {
        self.kind = kind
        self.parameters = parameters
        self.make = make
    }

    /// All that are tried of a policy; none of the clairvoyant, whose price of a move is found by bisection.
    public static func all(
        _ kind: Kind, customers: Int, partitions: Int, forecasts: ForecastTable
    ) -> [Candidate] {
        switch kind {
        case .stay: [Candidate(kind) { StaticPlacement() }]
        case .last:
            [Candidate(kind) { LastPlacement(customers: customers, partitions: partitions) }]
        case .followTheWorkload: followTheWorkload(customers, partitions)
        case .accessCounter: accessCounter(customers, partitions)
        case .foreshadow: foreshadow(forecasts)
        case .clairvoyant: []
        }
    }

    private static func followTheWorkload(_ customers: Int, _ partitions: Int) -> [Candidate] {
        [1, 2, 5, 10, 20, 35, 50, 100].flatMap { (halfLife: Double) in
            [1, 1.25, 1.5, 2, 3].flatMap { (ratio: Double) in
                [0, 1, 24].map { (hours: Double) in
                    Candidate(
                        .followTheWorkload, ["halfLife": halfLife, "ratio": ratio, "coolDownHours": hours]
                    ) {
                        FollowTheWorkload(
                            customers: customers, partitions: partitions, halfLife: halfLife, ratio: ratio,
                            coolDown: Int64(hours * 3_600_000))
                    }
                }
            }
        }
    }

    private static func accessCounter(_ customers: Int, _ partitions: Int) -> [Candidate] {
        [1, 2, 5, 10, 20, 50, 100, 200].flatMap { (window: Int) in
            [1, 2, 3, 5, 8].filter { $0 <= Double(window) }.map { (gain: Double) in
                Candidate(.accessCounter, ["window": Double(window), "gain": gain]) {
                    AccessCounter(customers: customers, partitions: partitions, window: window, gain: gain)
                }
            }
        }
    }

    private static func foreshadow(_ forecasts: ForecastTable) -> [Candidate] {
        [1, 1.25, 1.5, 2, 3, 5, 10, 20].flatMap { (horizon: Double) in
            [0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.16, 0.2, 0.24, 0.26, 0.28, 0.3, 0.32, 0.4, 0.6].map {
                (part: Double) in
                Candidate(.foreshadow, ["horizon": horizon, "cost": part * horizon]) {
                    ForeshadowPlacement(forecasts, horizon: horizon, cost: part * horizon)
                }
            }
        }
    }
}
