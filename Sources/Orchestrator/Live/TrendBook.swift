internal import Contracts
internal import Synchronization

/// The newest sums of every flow, by the topic partition they are over: the fold of `partition-trends`.
final class TrendBook: Sendable {
    private struct State {
        /// By home and partition, then by source.
        var flows: [UInt32: [Int32: Flow]] = [:]
        var window: (start: EventTime, end: EventTime)?
        /// The newest window of each source: records that come twice or late change nothing.
        var ends: [Int32: EventTime] = [:]
    }

    private let state = Mutex(State())

    /// Flows in an answer at most.
    static let flowsMax = 10_000

    /// Forgets everything.
    func removeAll() { state.withLock { $0 = State() } }

    func apply(_ record: TrendRecord) {
        state.withLock { state in
            if let end = state.ends[record.source], end > record.windowEnd { return }
            state.ends[record.source] = record.windowEnd
            for flow in record.flows {
                let key = UInt32(flow.home) << 16 | UInt32(flow.partition)
                state.flows[key, default: [:]][record.source] = flow
            }
            if record.windowEnd > state.window?.end ?? .min {
                state.window = (record.windowStart, record.windowEnd)
            }
        }
    }

    /// Sums over all sources of the flows asked for, those with the most anticipated accesses first.
    func sums(home: PartitionIndex?, partition: PartitionIndex?) -> (
        flows: [Flow], window: (EventTime, EventTime)?
    ) {
        let (flows, window) = state.withLock { ($0.flows, $0.window) }
        let sums = flows.values.compactMap { parts -> Flow? in
            guard let first = parts.values.first, home ?? first.home == first.home,
                partition ?? first.partition == first.partition
            else { return nil }
            return parts.values.reduce(
                Flow(
                    home: first.home, partition: first.partition, customers: 0, highCustomers: 0,
                    anticipatedVolume: 0)
            ) { $0.adding($1) }
        }
        let sorted = sums.sorted {
            let (a, b) = ($0.anticipatedAccesses, $1.anticipatedAccesses)
            return a != b ? a > b : ($0.home, $0.partition) < ($1.home, $1.partition)
        }
        return (Array(sorted.prefix(Self.flowsMax)), window.map { ($0.start, $0.end) })
    }
}

extension Flow {
    /// The sums of both; what would be too large stays at the largest there is.
    fileprivate func adding(_ other: Flow) -> Flow {
        func sum(_ a: Int64, _ b: Int64) -> Int64 {
            let (sum, isOver) = a.addingReportingOverflow(b)
            return isOver ? .max : sum
        }
        return Flow(
            home: home, partition: partition, customers: sum(customers, other.customers),
            highCustomers: sum(highCustomers, other.highCustomers),
            anticipatedVolume: sum(anticipatedVolume, other.anticipatedVolume),
            anticipatedAccesses: sum(anticipatedAccesses, other.anticipatedAccesses),
            accesses: sum(accesses, other.accesses))
    }
}
