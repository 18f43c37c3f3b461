public import Contracts

/// What reaches a planner.
public enum PlannerInput: Sendable {
    /// A trend record. Safe to give twice.
    case trends(TrendRecord)
    /// A telemetry sample, which counts into the window that holds its time.
    case telemetry(Telemetry)
    /// Progress of the telemetry without data: all samples before `completeThrough` have been seen (nil: no news), and
    /// whether the telemetry is idle, so that no window waits for it.
    case telemetryMark(completeThrough: EventTime?, idle: Bool)
    /// An operator's order. `number` is the caller's, for `takeDecidedOrders`.
    case order(ShadowOrder, number: Int64)
}

/// What a planner tells as its clock moves, window by window.
///
/// The telemetry and whatever else a window brings is told before its end is. What is told of a window depends on what
/// each source said about it, never on whose record arrived first, as commands do.
public enum PlannerEvent: Sendable {
    /// All windows that end by then are over; those that were not told of were quiet: nothing could happen in them.
    case quiet(through: EventTime)
    /// A sample that was taken into the window.
    case telemetry(Telemetry)
    /// A command.
    case command(ShadowCommand)
    /// A shadow came into a state that no command announces: it is populated, or its rest begins or is over.
    case entered(ShadowState, windowEnd: EventTime)
    /// What is measured and expected of a flow.
    case forecast(PartitionForecast)
    /// The window that ends then is planned; so many orders were refused in it.
    case windowEnd(EventTime, refusedOrders: Int64)
}

extension Planner {
    /// Takes an input, plans what it makes plannable, and tells what came of it.
    public mutating func take(_ input: PlannerInput, _ tell: (PlannerEvent) -> Void) {
        switch input {
        case .trends(let record): if !accept(record) { ignored += 1 }
        case .telemetry(let sample): if !telemetry.accept(sample) { ignored += 1 }
        case .telemetryMark(let time, let idle):
            if !telemetry.mark(completeThrough: time, idle: idle) { ignored += 1 }
        case .order(let order, let number): if !accept(order, number: number) { return }
        }
        advance(tell)
    }

    /// Whether a mark of the telemetry would be believed. It is not where it is further after the newest sample than
    /// `ConfirmedClock.markWindows` windows: then `take` ignores it.
    public func believes(telemetryMark time: EventTime) -> Bool { telemetry.believes(mark: time) }

    private mutating func accept(_ record: TrendRecord) -> Bool {
        let sources = Int(record.sources)
        guard record.source >= 0, record.source < record.sources, sources <= Self.sourceLimit else {
            return false
        }
        while feeds.count < sources {
            feeds.append(TrendFeed(source: UInt16(feeds.count), partitions: partitions))
        }
        return feeds[Int(record.source)].accept(record)
    }

    private mutating func accept(_ order: ShadowOrder, number: Int64) -> Bool {
        guard orders.entries.count < configuration.maximumWaitingOrders else {
            decided.append(DecidedOrder(number: number, refusal: .tooManyWaiting))
            return false
        }
        orders.append(OrderQueue.Entry(number: number, order: order, windowEnd: telemetry.firstOpenEnd))
        return true
    }
}

/// For who wants the commands and no more.
extension Planner {
    /// Takes a trend record and plans what it makes plannable. Safe to call twice with the same record.
    public mutating func receive(_ record: TrendRecord, _ publish: (ShadowCommand) -> Void) {
        take(.trends(record)) { if case .command(let command) = $0 { publish(command) } }
    }

    /// Takes a telemetry sample and plans what it makes plannable. A sample counts into the window that
    /// holds its time.
    public mutating func receive(_ sample: Telemetry, _ publish: (ShadowCommand) -> Void) {
        take(.telemetry(sample)) { if case .command(let command) = $0 { publish(command) } }
    }

    /// Progress of the telemetry without data: see `PlannerInput`.
    public mutating func telemetryMark(
        completeThrough: EventTime?, idle: Bool, _ publish: (ShadowCommand) -> Void
    ) {
        take(.telemetryMark(completeThrough: completeThrough, idle: idle)) {
            if case .command(let command) = $0 { publish(command) }
        }
    }

    /// Takes an order, which counts into the first window that the telemetry has not left behind, at the latest
    /// the next one planned. It holds no window back. `number` is the caller's, for `takeDecidedOrders`.
    public mutating func receive(
        _ order: ShadowOrder, number: Int64, _ publish: (ShadowCommand) -> Void
    ) {
        take(.order(order, number: number)) { if case .command(let command) = $0 { publish(command) } }
    }
}
