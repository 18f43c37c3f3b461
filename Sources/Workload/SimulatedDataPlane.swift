public import Contracts
import Glibc

/// Turns a stream of accesses into the telemetry that the partitions' stores would send.
///
/// Capacity grows with a partition's running mean load, so that a workload of any size keeps partitions
/// reasonably busy. Depends on the accesses and the options only.
public struct SimulatedDataPlane: Sendable {
    /// The longest gap, in windows, that is filled with empty windows; of a longer one, the end is.
    public static let gapLimit: Int64 = 1_000

    /// How the data plane behaves.
    public let options: DataPlaneOptions

    private struct Load: Sendable {
        var reads: Int64 = 0
        var writes: Int64 = 0
        var mean = 0.0
    }

    private var loads: [Load]
    private var window: Int64?  // number of the open window, counted from the epoch
    private var closed = 0.0

    /// A data plane of `partitions` partitions without load.
    public init(partitions: Int, options: DataPlaneOptions) {
        precondition(partitions > 0 && partitions <= PartitionMap.limit, "1 to 4,096 partitions are needed")
        precondition(options.window > 0, "windows need a length above 0")
        self.options = options
        loads = Array(repeating: Load(), count: partitions)
    }

    /// Counts an access; gives the telemetry of the windows that it closes, by window, then by partition.
    ///
    /// An access that comes late counts in the open window: stores measure when they serve.
    public mutating func observe(time: EventTime, partition: PartitionIndex, write: Bool) -> [Telemetry] {
        let number = Self.number(of: time, length: options.window)
        var out: [Telemetry] = []
        if let open = window, number > open { close(open, upTo: number, into: &out) }
        window = max(window ?? number, number)
        if write { loads[Int(partition)].writes += 1 } else { loads[Int(partition)].reads += 1 }
        return out
    }

    /// Closes the open window, if any, and gives its telemetry.
    public mutating func finish() -> [Telemetry] {
        var out: [Telemetry] = []
        if let open = window { close(open, upTo: open + 1, into: &out) }
        window = nil
        return out
    }

    private static func number(of time: EventTime, length: EventTime) -> Int64 {
        // The year 9999, so that a broken clock upstream cannot overflow the end of a window.
        let time = min(max(time, 0), 253_402_300_799_999)
        return time / length
    }

    private mutating func close(_ open: Int64, upTo next: Int64, into out: inout [Telemetry]) {
        measure(open, into: &out)
        let first = max(open + 1, next - Self.gapLimit)
        for empty in first..<max(first, next) { measure(empty, into: &out) }
    }

    private mutating func measure(_ window: Int64, into out: inout [Telemetry]) {
        closed += 1
        // A plain mean at first, then one that forgets over about a week of quarter hours.
        let weight = max(1 / closed, 1.0 / 672)
        for place in loads.indices {
            let requests = Double(loads[place].reads + loads[place].writes)
            loads[place].mean += (requests - loads[place].mean) * weight
            out.append(telemetry(place, window))
            loads[place].reads = 0
            loads[place].writes = 0
        }
    }

    private func telemetry(_ place: Int, _ window: Int64) -> Telemetry {
        let load = loads[place]
        let requests = load.reads + load.writes
        let end = (window + 1) * options.window
        let outage = options.outages.first {
            Int($0.partition) == place && $0.from < end && $0.to > end - options.window
        }
        var random = SeededRandom(
            seed: options.seed, stream: UInt64(place) << 48 ^ UInt64(truncatingIfNeeded: window))
        let use = Double(requests) / max(1, options.headroom * load.mean + options.spareRequests)
        let slowdown = outage?.slowdown ?? 1
        // M/M/1: the time in the system is exponential with mean service / (1 - use), so that its median is
        // ln 2 and its 99th percentile ln 100 times that (Kleinrock, "Queueing Systems", volume 1, 3.2).
        let mean = options.serviceMicros / (1 - min(use, 0.95))
        let median = (options.pathMicros + mean * log(2)) * slowdown
        let tail = (3 * options.pathMicros + mean * log(100)) * slowdown
        let failures = random.poisson(mean: Double(requests) * (outage?.errorShare ?? options.errorShare))
        let lag = (outage == nil ? 40 : 30_000) * (1 + 2 * use) * (0.5 + random.uniform())
        let sampled = requests / 4
        return Telemetry(
            partition: PartitionIndex(place), time: end - 1, reads: load.reads, writes: load.writes,
            errors: min(requests, Int64(failures)),
            latencyP50Micros: Int64(median * (0.95 + 0.1 * random.uniform())),
            latencyP99Micros: Int64(tail * (0.95 + 0.1 * random.uniform())),
            utilisationMilli: Int64(use * 1_000), replicaLagMillis: Int64(lag), divergenceSampled: sampled,
            divergenceFound: outage == nil ? 0 : (sampled + 49) / 50)
    }
}
