import Contracts

/// One trend source: records that wait for their window, and what it knows of homes.
struct TrendFeed: Sendable {
    private let source: UInt16
    private var waiting = Queue<TrendRecord>()  // in order of windows
    private var newestEnd: EventTime = .min
    private(set) var homes: [Home]
    /// Nil before the source was heard.
    private(set) var completeThrough: EventTime?
    private(set) var isIdle = false

    init(source: UInt16, partitions: Int) {
        self.source = source
        homes = Array(repeating: Home(), count: partitions)
    }

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
        guard Int(flow.home) < homes.count, Int(flow.partition) < homes.count else { return }
        var home = homes[Int(flow.home)]
        home.customers = flow.customers
        if flow.home == flow.partition {
            home.accesses = flow.anticipatedAccesses
        } else {
            pairs.set(Pair.Sums(flow, source: source), of: UInt32(flow.home) << 16 | UInt32(flow.partition))
        }
        pairs.change(home: flow.home, from: homes[Int(flow.home)], to: home)
        homes[Int(flow.home)] = home
    }
}

/// As bytes.
extension TrendFeed {
    func encode(into state: inout StateWriter) {
        state.write(UInt64(waiting.count))
        for record in waiting.all { record.encode(into: &state) }
        state.write(newestEnd)
        for home in homes {
            state.write(home.customers)
            state.write(home.accesses)
        }
        state.write(completeThrough != nil)
        state.write(completeThrough ?? 0)
        state.write(isIdle)
    }

    init(_ reader: inout StateReader, source: UInt16, partitions: Int) throws(StateFailure) {
        self.init(source: source, partitions: partitions)
        for _ in 0..<(try reader.count(limit: .max, "records")) { waiting.append(try TrendRecord(&reader)) }
        newestEnd = try reader.read()
        for i in homes.indices {
            homes[i] = Home(customers: try reader.read(), accesses: try reader.read())
        }
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
            let sums = [
                flow.customers, flow.highCustomers, flow.anticipatedVolume, flow.anticipatedAccesses,
                flow.accesses,
            ]
            for sum in sums { state.write(sum) }
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
                    highCustomers: try reader.read(), anticipatedVolume: try reader.read(),
                    anticipatedAccesses: try reader.read(), accesses: try reader.read()))
        }
    }
}
