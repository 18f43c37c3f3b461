import Contracts
import Evaluation

/// The fewest remote reads of any policy that makes copies only where a read just came from, however well it chooses
/// which copy gives way, and however many moves it makes.
///
/// Such a policy serves a read by having ordered a copy at the customer's read before it from the same partition, or
/// earlier. So the copy is there at every read of the customer's from the lead time after that one on: an interval.
/// Before that the copy that gives way may still serve. The most intervals of which no more than `copies` are there at
/// once are found by dropping, where there are too many, the one that ends last: Belady's rule ("A study of replacement
/// algorithms for a virtual-storage computer", 1966), optimal for intervals that weigh the same (Carlisle and Lloyd, "On
/// the k-coloring of intervals", 1995).
///
/// Reads within the lead time of the first visit to a partition are remote for all who do not foresee it.
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
        // Ends of the intervals, by where they start.
        var ends = [[Int]](repeating: [], count: accesses.count)
        var newest: [Int32: Int] = [:]
        var populated: [Int32: EventTime] = [:]
        for (index, access) in accesses.enumerated() {
            if populated[access.partition] == nil {
                // Where the data starts it is at once.
                populated[access.partition] = index == 0 ? access.time : access.time + lead
            }
            if let before = newest[access.partition], access.time >= populated[access.partition] ?? .max {
                let there = accesses[before].time + lead
                ends[(before + 1...index).first { accesses[$0].time >= there } ?? index].append(index)
            }
            newest[access.partition] = index
        }
        var (served, kept) = (0, [Int]())
        for index in accesses.indices {
            kept += ends[index]
            while kept.count > copies, let last = kept.indices.max(by: { kept[$0] < kept[$1] }) {
                kept.remove(at: last)
            }
            guard let place = kept.firstIndex(of: index) else { continue }
            kept.remove(at: place)
            served += 1
        }
        return served
    }
}
