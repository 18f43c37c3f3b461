import Contracts

/// One trend source: records that wait for their window, and the sums that hold so far.
struct TrendFeed: Sendable {
    private struct Sums: Sendable {
        var highCustomers: Int64 = 0
        var anticipatedVolume: Int64 = 0
    }

    private var waiting = Queue<TrendRecord>()  // in order of windows
    private var newestEnd: EventTime = .min
    /// By home << 16 | partition; only looked up, so its order never shows.
    private var sums: [UInt32: Sums] = [:]
    private var customers: [Int64]  // by home
    /// Nil before the source was heard.
    private(set) var completeThrough: EventTime?
    private(set) var isIdle = false

    init(partitions: Int) { customers = Array(repeating: 0, count: partitions) }

    /// How many records wait.
    var count: Int { waiting.count }

    /// End of the newest window of the record that waits first.
    var nextEnd: EventTime? { waiting.first?.windowEnd }

    /// Takes a record in. False if it repeats an older window than the newest one heard: then its sums are
    /// outdated.
    mutating func accept(_ record: TrendRecord) -> Bool {
        guard record.windowEnd >= newestEnd else { return false }
        newestEnd = record.windowEnd
        completeThrough = max(completeThrough ?? .min, record.completeThrough)
        isIdle = record.idle
        if !record.flows.isEmpty { waiting.append(record) }
        return true
    }

    /// Folds the flows of windows up to `end` into the totals. True if there were any.
    mutating func fold(through end: EventTime, into pairs: inout PairTable) -> Bool {
        var found = false
        while let record = waiting.first, record.windowEnd <= end {
            for flow in record.flows { fold(flow, into: &pairs) }
            waiting.removeFirst()
            found = true
        }
        return found
    }

    /// The newest flow of a home, whatever its partition, tells how many customers the home has.
    private mutating func fold(_ flow: Flow, into pairs: inout PairTable) {
        let home = Int(flow.home)
        guard home < customers.count, Int(flow.partition) < customers.count else { return }
        pairs.addCustomers(flow.customers &- customers[home], home: flow.home)
        customers[home] = flow.customers
        guard flow.home != flow.partition else { return }
        let key = UInt32(flow.home) << 16 | UInt32(flow.partition)
        let old = sums[key] ?? Sums()
        let new = Sums(highCustomers: flow.highCustomers, anticipatedVolume: flow.anticipatedVolume)
        sums[key] = new
        pairs.add(
            highCustomers: new.highCustomers &- old.highCustomers,
            anticipatedVolume: new.anticipatedVolume &- old.anticipatedVolume, to: key)
    }
}
