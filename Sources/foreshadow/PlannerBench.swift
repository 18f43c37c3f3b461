import Contracts
import Trends
import Workload

/// What the planner alone costs, on one core: no Kafka, no JSON.
struct PlannerBench: Sendable {
    /// What was measured.
    struct Result: Codable {
        /// Partitions, and flows that changed in every window.
        var partitions: Int
        var flows: Int
        /// CPU time to take in a window's flows, forecast them and plan it; the median.
        var milliseconds: Double
        /// CPU time to put all of them into a snapshot, and the bytes of one.
        var snapshotMilliseconds: Double
        var bytesPerFlow: Int

        var text: String {
            "\(milliseconds) ms a window of \(flows) flows over \(partitions) partitions; "
                + "snapshot \(snapshotMilliseconds) ms, \(bytesPerFlow) bytes a flow"
        }
    }

    var partitions = 1_000
    var flows = 10_000
    /// Days enough that every flow is forecast.
    var windows = 72

    /// Plans windows in which every flow grows, some of them over the thresholds.
    func measure() -> Result {
        var configuration = PlannerConfiguration()
        configuration.maximumOpenShadows = flows
        var planner = Planner(configuration: configuration, partitions: partitions)
        var random = SeededRandom(seed: 1, stream: 0)
        let perHome = flows / partitions
        var accesses = [Int64](repeating: 0, count: flows)
        var times: [Double] = []
        planner.telemetryMark(completeThrough: nil, idle: true) { _ in }
        for window in 1...windows {
            let record = record(window, perHome, &accesses, &random, configuration.windowMillis)
            let start = Bench.cpuSeconds()
            planner.receive(record) { _ in }
            times.append((Bench.cpuSeconds() - start) * 1_000)
        }
        var bytes = 0
        let start = Bench.cpuSeconds()
        planner.takeChanges { bytes += $0.byteCount + $1.byteCount }
        let snapshot = (Bench.cpuSeconds() - start) * 1_000
        let planned = times.suffix(windows / 3)
        return Result(
            partitions: partitions, flows: flows, milliseconds: Self.rounded(Bench.median(Array(planned))),
            snapshotMilliseconds: Self.rounded(snapshot), bytesPerFlow: bytes / flows)
    }

    private func record(
        _ window: Int, _ perHome: Int, _ accesses: inout [Int64], _ random: inout SeededRandom,
        _ length: Int64
    ) -> TrendRecord {
        var list: [Flow] = []
        for home in 0..<partitions {
            list.append(flow(home, home, anticipated: 2_400_000, accesses: 0, high: 0))
            for place in 0..<perHome {
                accesses[home * perHome + place] += Int64(random.below(10))
                list.append(
                    flow(
                        home, (home + place + 1) % partitions, anticipated: 24_000 * Int64(1 + place),
                        accesses: accesses[home * perHome + place], high: Int64(window % 100)))
            }
        }
        let end = Int64(window) * length
        return TrendRecord(
            source: 0, sources: 1, windowStart: end - length, windowEnd: end, completeThrough: end,
            idle: false,
            flows: list.sorted { ($0.home, $0.partition) < ($1.home, $1.partition) })
    }

    private func flow(
        _ home: Int, _ partition: Int, anticipated: Int64, accesses: Int64, high: Int64
    ) -> Flow {
        Flow(
            home: PartitionIndex(home), partition: PartitionIndex(partition), customers: 1_000,
            highCustomers: high, anticipatedVolume: anticipated * 16, anticipatedAccesses: anticipated,
            accesses: accesses)
    }

    private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
