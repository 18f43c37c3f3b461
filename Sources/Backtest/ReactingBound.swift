import Contracts
import Evaluation

/// The fewest remote reads of any policy that makes copies only where a read just came from, however well it chooses
/// which copy gives way, and however many moves it makes.
///
/// Such a policy serves a read by having kept a copy since the customer's read before it from the same partition. So
/// each such pair of reads is an interval, and the most of them that never overlap more than `copies` times are found
/// by dropping, where there are too many, the one that ends last: Belady's rule ("A study of replacement algorithms for
/// a virtual-storage computer", 1966), with the new copy among those that may be dropped; it is optimal for intervals
/// that weigh the same (Carlisle and Lloyd, "On the k-coloring of intervals", 1995).
///
/// Moves take no time, but for the first to a partition: reads from there within the lead time of the first visit are
/// remote for all who do not foresee it.
struct ReactingBound {
    /// Remote reads.
    private(set) var remoteReads = 0

    init(_ trace: EvaluationTrace, _ configuration: BacktestConfiguration) {
        var accesses = [[(partition: Int32, time: EventTime)]](repeating: [], count: trace.customers.count)
        for event in trace.events {
            accesses[Int(event.customer)].append((event.target, event.time))
        }
        for list in accesses {
            let served = Self.served(list, copies: configuration.copies, lead: configuration.leadMillis)
            remoteReads += max(0, list.count - 1) - served
        }
    }

    /// How many of a customer's reads can be served.
    private static func served(
        _ accesses: [(partition: Int32, time: EventTime)], copies: Int, lead: Int64
    ) -> Int {
        var following = [Int?](repeating: nil, count: accesses.count)
        var newest: [Int32: Int] = [:]
        var populated: [Int32: EventTime] = [:]
        for (index, access) in accesses.enumerated() {
            if populated[access.partition] == nil {
                // Where the data starts it is at once.
                populated[access.partition] = index == 0 ? access.time : access.time + lead
            }
            if let before = newest[access.partition], access.time >= populated[access.partition] ?? .max {
                following[before] = index
            }
            newest[access.partition] = index
        }
        var (served, kept) = (0, [Int]())  // the reads that each copy is kept for
        for index in accesses.indices {
            if let place = kept.firstIndex(of: index) {
                kept.remove(at: place)
                served += 1
            }
            guard let next = following[index] else { continue }
            kept.append(next)
            if kept.count > copies, let last = kept.max() { kept.removeAll { $0 == last } }
        }
        return served
    }
}
