public import Contracts

/// Sums affinity vectors per (home, partition) over the customers of one topic partition of
/// `affinity-vectors`, and publishes the sums that changed whenever a window closes.
///
/// The watermark is the newest event time less the allowed lateness. A window is closed when the watermark
/// has reached its end. Updates of later windows wait until then; updates of earlier windows count into the
/// open one. The sums of a window do not depend on the order in which its customers came.
public struct TrendAggregator: Sendable {
    let source: Int32
    let sources: Int32
    private let lateness: Int64
    let grid: WindowGrid

    var customers = CustomerTable()
    var sums = FlowSums()
    var early = EarlyUpdates()
    /// Customers forgotten since the last save.
    var forgotten: [[UInt8]] = []

    var openEnd: EventTime?  // end of the open window; nil before anything was heard
    var newestWindowEnd: EventTime = 0  // of the last record published
    var completeThrough: EventTime = 0  // of the last record published
    var isIdle = false

    /// All event times before this have been seen, but for stragglers. Nil before anything was heard.
    public internal(set) var watermark: EventTime?

    /// How many customers contribute.
    public var customerCount: Int { customers.count }

    /// An aggregator over topic partition `source` of `sources`. The configuration must have passed
    /// `validate()`.
    public init(source: Int32, sources: Int32, configuration: TrendsConfiguration) {
        precondition((try? configuration.validate()) != nil, "validate the configuration first")
        self.source = source
        self.sources = sources
        lateness = configuration.allowedLatenessMillis
        grid = WindowGrid(length: configuration.windowMillis)
    }

    /// Replaces what `customer` contributes. An update whose sequence is not above the one held does nothing.
    ///
    /// Publishes a record for every window that closes with changes, rarely more than one; the last one's
    /// `completeThrough` jumps over windows in which nothing happened. Publishes one without flows if the
    /// source was idle, so that the planner waits for it again.
    public mutating func apply(
        customer: RawSpan, _ update: borrowing VectorUpdate, _ publish: (TrendRecord) -> Void
    ) {
        let hash = ByteHash.hash(customer)
        let row = customers.find(customer, hash: hash)
        if let row, customers[row].sequence >= update.sequence { return }
        if isIdle {
            isIdle = false
            publish(record(flows: []))
        }
        let time = WindowGrid.clamp(update.time)
        let watermark = time - lateness
        let end = openEnd ?? grid.end(of: watermark)
        openEnd = end
        if time >= end {
            early.append(customer, hash: hash, update)
        } else {
            fold(update, row: row ?? customers.insert(customer, hash: hash))
        }
        advance(to: watermark, publish)
    }

    /// Takes out what `customer` contributed, into the open window. A tombstone has no event time, so it
    /// moves no watermark; the customer's next update counts whatever its sequence.
    public mutating func forget(customer: RawSpan) {
        let hash = ByteHash.hash(customer)
        if let contribution = customers.remove(customer, hash: hash) {
            if contribution.counts { sums.subtract(contribution) }
            forgotten.append(customer.copied())
        }
        early.drop(customer, hash: hash)
    }

    /// Progress without data: all event times before `completeThrough` have been seen (nil: no news), and
    /// whether the source is idle. Publishes only if that closes a window or changes idleness.
    public mutating func mark(
        completeThrough: EventTime?, idle: Bool, _ publish: (TrendRecord) -> Void
    ) {
        let wasIdle = isIdle
        isIdle = idle
        var published = false
        if let time = completeThrough {
            if openEnd == nil { openEnd = grid.start(of: time) }
            published = advance(to: WindowGrid.clamp(time), publish)
        }
        if !published, idle != wasIdle { publish(record(flows: [])) }
    }

    private mutating func fold(_ update: borrowing VectorUpdate, row: Int) {
        if customers[row].counts { sums.subtract(customers[row]) }
        customers[row].refill(from: update)
        customers.noteChange(row)
        if customers[row].counts { sums.add(customers[row]) }
        if let access = customers[row].access { sums.count(access: access, home: customers[row].home) }
    }
}

/// Closing windows.
extension TrendAggregator {
    /// Moves the watermark and closes what it passes. True if something was published.
    @discardableResult
    private mutating func advance(to newWatermark: EventTime, _ publish: (TrendRecord) -> Void) -> Bool {
        if let watermark, newWatermark <= watermark { return false }
        watermark = newWatermark
        let closed = grid.start(of: newWatermark)
        var published = false
        while let end = openEnd, end <= closed {
            let flows = sums.takeChanges()
            let nextEnd = early.earliest.map { grid.end(of: $0) } ?? .max
            let isLast = nextEnd > closed
            if isLast || !flows.isEmpty {
                completeThrough = isLast ? closed : nextEnd - grid.length
                newestWindowEnd = flows.isEmpty ? completeThrough : end
                publish(record(flows: flows))
                published = true
            }
            openEnd = isLast ? closed + grid.length : nextEnd
            foldEarly(before: isLast ? closed + grid.length : nextEnd)
        }
        return published
    }

    private mutating func foldEarly(before end: EventTime) {
        var waiting = EarlyUpdates()
        swap(&waiting, &early)
        waiting.take(before: end) { entry in
            let row = customers.find(entry.customer.span.bytes, hash: entry.hash)
            if let row, customers[row].sequence >= entry.contribution.sequence { return }
            let place = row ?? customers.insert(entry.customer.span.bytes, hash: entry.hash)
            if customers[place].counts { sums.subtract(customers[place]) }
            customers[place].refill(from: entry.contribution)
            customers.noteChange(place)
            if customers[place].counts { sums.add(customers[place]) }
            if let access = entry.contribution.access {
                sums.count(access: access, home: entry.contribution.home)
            }
        }
        swap(&waiting, &early)
    }

    /// A record of the newest window published, or of none yet: then all its times are 0.
    private func record(flows: [Flow]) -> TrendRecord {
        TrendRecord(
            source: source, sources: sources,
            windowStart: newestWindowEnd == 0 ? 0 : newestWindowEnd - grid.length,
            windowEnd: newestWindowEnd, completeThrough: completeThrough, idle: isIdle, flows: flows)
    }
}
