import Contracts
import Trends

/// A planner over four partitions with one trend source, fed window by window. Partition 0 is the home of
/// 1,000 customers; the tests talk about the shadow of 0 in 1.
struct PlannerHarness {
    var planner: Planner
    var commands: [ShadowCommand] = []
    var windows: Int64 = 0

    init(_ configure: (inout PlannerConfiguration) -> Void = { _ in }) {
        var configuration = PlannerConfiguration()
        configuration.coolDownWindows = 3
        configuration.activateHoldWindows = 2
        configure(&configuration)
        planner = Planner(configuration: configuration, partitions: 4)
    }

    /// Plans one window in which the share of customers with partition 1 high is `share` thousandths, with
    /// good telemetry of all partitions but as `change` has it (nil leaves a partition out).
    mutating func window(
        _ share: Int64, volume: Int64 = 0, _ change: (Telemetry) -> Telemetry? = { $0 }
    ) {
        window([flow(0, 1, high: share, volume: volume)], change)
    }

    mutating func window(_ flows: [Flow], _ change: (Telemetry) -> Telemetry? = { $0 }) {
        let start = windows * hour
        windows += 1
        for partition in 0..<4 as Range<PartitionIndex> {
            guard let sample = change(goodTelemetry(partition, at: start + 1)) else { continue }
            planner.receive(sample) { commands.append($0) }
        }
        planner.telemetryMark(completeThrough: start + hour, idle: false) { commands.append($0) }
        planner.receive(trendRecord(windowEnd: start + hour, flows)) { commands.append($0) }
    }

    /// The commands in short, since this was last asked.
    mutating func news() -> [String] {
        defer { commands = [] }
        return commands.map(\.summary)
    }

    /// The phase of the shadow of 0 in 1.
    var phase: Phase? { planner.shadows.first { $0.source == 0 && $0.target == 1 }?.phase }

    /// Takes the shadow of 0 in 1 to reading at 5 %, with a share of 300 thousandths.
    mutating func startRamp() {
        for _ in 0..<5 { window(300) }
        commands = []
    }
}

func flow(
    _ home: PartitionIndex, _ partition: PartitionIndex, of customers: Int64 = 1_000, high: Int64,
    volume: Int64 = 0, anticipated: Int64 = 0, accesses: Int64 = 0
) -> Flow {
    Flow(
        home: home, partition: partition, customers: customers, highCustomers: high,
        anticipatedVolume: volume, anticipatedAccesses: anticipated, accesses: accesses)
}

func trendRecord(
    source: Int32 = 0, of sources: Int32 = 1, windowEnd: EventTime, completeThrough: EventTime? = nil,
    idle: Bool = false, _ flows: [Flow]
) -> TrendRecord {
    TrendRecord(
        source: source, sources: sources, windowStart: windowEnd - hour, windowEnd: windowEnd,
        completeThrough: completeThrough ?? windowEnd, idle: idle, flows: flows)
}

func goodTelemetry(_ partition: PartitionIndex, at time: EventTime) -> Telemetry {
    Telemetry(
        partition: partition, time: time, reads: 900, writes: 100, errors: 1, latencyP50Micros: 2_000,
        latencyP99Micros: 10_000, utilisationMilli: 400, replicaLagMillis: 100, divergenceSampled: 1_000,
        divergenceFound: 0)
}

extension ShadowCommand {
    /// Type, epoch, phase, read share and dual write.
    var summary: String {
        "\(type.rawValue) \(epoch): \(phase.rawValue) \(readShareMilli) \(dualWrite ? "dual" : "single")"
    }
}

/// A change of telemetry for one partition only.
func only(
    _ partition: PartitionIndex, _ change: @escaping (inout Telemetry) -> Void
) -> (Telemetry) -> Telemetry? {
    { sample in
        var sample = sample
        if sample.partition == partition { change(&sample) }
        return sample
    }
}

/// Leaves the telemetry of one partition out.
func without(_ partition: PartitionIndex) -> (Telemetry) -> Telemetry? {
    { $0.partition == partition ? nil : $0 }
}
