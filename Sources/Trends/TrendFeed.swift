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

/// As bytes.
extension TrendFeed {
    func encode(into state: inout StateWriter) {
        state.write(UInt64(waiting.count))
        for record in waiting.all { record.encode(into: &state) }
        state.write(newestEnd)
        state.write(UInt64(sums.count))
        var next: UInt32 = 0
        for (key, sum) in sums.sorted(by: { $0.key < $1.key }) {
            state.write(key - next)
            next = key
            state.write(sum.highCustomers)
            state.write(sum.anticipatedVolume)
        }
        for count in customers { state.write(count) }
        state.write(completeThrough != nil)
        state.write(completeThrough ?? 0)
        state.write(isIdle)
    }

    init(_ reader: inout StateReader, partitions: Int) throws(StateFailure) {
        self.init(partitions: partitions)
        for _ in 0..<(try reader.count(limit: .max, "records")) { waiting.append(try TrendRecord(&reader)) }
        newestEnd = try reader.read()
        var key: UInt32 = 0
        for _ in 0..<(try reader.count(limit: partitions * partitions, "flows")) {
            key += try reader.index(below: Int(UInt32.max - key) + 1, "flow")
            if Int(key >> 16) >= partitions || Int(key & 0xFFFF) >= partitions { throw .outOfRange("a flow") }
            sums[key] = Sums(highCustomers: try reader.read(), anticipatedVolume: try reader.read())
        }
        for i in customers.indices { customers[i] = try reader.read() }
        let isHeard: Bool = try reader.read()
        let time: EventTime = try reader.read()
        completeThrough = isHeard ? time : nil
        isIdle = try reader.read()
    }
}

extension TrendRecord {
    fileprivate func encode(into state: inout StateWriter) {
        state.write(source)
        state.write(sources)
        for time in [windowStart, windowEnd, completeThrough] { state.write(time) }
        state.write(idle)
        state.write(UInt64(flows.count))
        for flow in flows {
            state.write(flow.home)
            state.write(flow.partition)
            for sum in [flow.customers, flow.highCustomers, flow.anticipatedVolume] { state.write(sum) }
        }
    }

    fileprivate init(_ reader: inout StateReader) throws(StateFailure) {
        self.init(
            source: try reader.read(), sources: try reader.read(), windowStart: try reader.read(),
            windowEnd: try reader.read(), completeThrough: try reader.read(), idle: try reader.read(),
            flows: [])
        for _ in 0..<(try reader.count(limit: .max, "flows")) {
            flows.append(
                Flow(
                    home: try reader.read(), partition: try reader.read(), customers: try reader.read(),
                    highCustomers: try reader.read(), anticipatedVolume: try reader.read()))
        }
    }
}
