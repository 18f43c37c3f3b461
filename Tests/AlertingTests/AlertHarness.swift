import Alerting
import Contracts

/// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators").
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Around `mean`, with a deviation of `part` of it: the sum of twelve uniform numbers is close to a normal one.
    mutating func noisy(_ mean: Double, _ part: Double) -> Int64 {
        var sum = -6.0
        for _ in 0..<12 { sum += .random(in: 0..<1, using: &self) }
        return max(0, Int64(mean * (1 + part * sum)))
    }
}

/// An evaluator of three partitions that are fed window by window.
struct AlertHarness {
    static let hour: Int64 = 3_600_000
    /// A Monday.
    static let start: EventTime = 1_767_571_200_000

    let partitions: PartitionMap
    var evaluator: AlertEvaluator
    var windows: Int64 = 0
    /// All alerts, in their order.
    var alerts: [Alert] = []
    var random: SeededGenerator

    init(seed: UInt64 = 1, _ configure: (inout AlertConfiguration) -> Void = { _ in }) throws {
        var configuration = AlertConfiguration()
        configure(&configuration)
        try configuration.validate()
        partitions = try PartitionMap(["eu-west", "us-east", "ap"])
        evaluator = AlertEvaluator(configuration, partitions: partitions)
        random = SeededGenerator(seed: seed)
    }

    /// When the newest window ended.
    var end: EventTime { Self.start + windows * evaluator.configuration.windowMillis }

    /// One window of quiet traffic that goes with the hour of the day, but as `change` has it; nil leaves a sample
    /// out. Returns what changed.
    @discardableResult
    mutating func window(_ change: (Telemetry) -> Telemetry? = { $0 }) -> [Alert] {
        windows += 1
        let length = evaluator.configuration.windowMillis
        let isDay = (end - length) / Self.hour % 24 >= 8
        for partition in 0..<3 as Range<PartitionIndex> {
            let requests = random.noisy(isDay ? 100_000 : 20_000, 0.1)
            let sample = Telemetry(
                partition: partition, time: end - 1, reads: requests * 4 / 5, writes: requests / 5,
                errors: random.noisy(Double(requests) / 5_000, 0.3),
                latencyP50Micros: random.noisy(2_000, 0.05),
                latencyP99Micros: random.noisy(20_000, 0.15), utilisationMilli: random.noisy(500, 0.1),
                replicaLagMillis: 10, divergenceSampled: 0, divergenceFound: 0)
            if let sample = change(sample) { evaluator.observe(sample) }
        }
        let changes = evaluator.evaluate(windowEnd: end)
        alerts += changes
        return changes
    }

    mutating func run(_ count: Int, _ change: (Telemetry) -> Telemetry? = { $0 }) {
        for _ in 0..<count { window(change) }
    }

    /// A command about the shadow of eu-west in us-east, of the window that ends now.
    func command(
        _ epoch: UInt64, _ phase: Phase, share: Int64 = 0, paused: Bool = false
    ) -> ShadowCommand {
        ShadowCommand(
            type: .readRoutingShift, source: 0, target: 1, epoch: epoch, phase: phase,
            readShareMilli: share,
            dualWrite: true, isPaused: paused, cohortSize: 10, cohortShareMilli: 100, evidence: [],
            windowStart: end - evaluator.configuration.windowMillis, windowEnd: end)
    }
}

extension [Alert] {
    /// `rule state` of each.
    var short: [String] { map { "\($0.rule) \($0.state.rawValue)" } }
}
