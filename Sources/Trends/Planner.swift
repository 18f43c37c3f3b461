public import Contracts

/// Merges the trend records of all sources with the telemetry, and gives the commands that take shadows
/// through their life.
///
/// A window is planned when every source that is not idle has said that its sums are complete up to the
/// window's end, and the telemetry has got there or is idle. What is ahead of that waits. So the commands
/// depend on what each source said about which window, never on whose record arrived first; an exception
/// is a source that goes idle and comes back with windows already planned: those count into the next one.
public struct Planner: Sendable {
    /// The most trend sources there may be.
    public static let sourceLimit = 65_536

    let configuration: PlannerConfiguration
    let rules: LifeRules
    let forecastRules: FlowForecastRules
    let writer: CommandWriter
    let grid: WindowGrid
    let partitions: Int

    var feeds: [TrendFeed] = []  // by source; empty before the first record
    var telemetry: TelemetryFeed
    var pairs: PairTable
    /// The forecast of a flow without accesses; nil before the first window. A flow that is first heard of begins
    /// as this.
    var unused: FlowForecast?
    var orders = OrderQueue()
    var decided: [DecidedOrder] = []

    /// Windows planned since anything new was heard; counts to `telemetryStaleness`, when all telemetry is
    /// out of date.
    var quietWindows: Int
    /// The next window cannot differ from the last one unless something new is heard.
    var isSettled = true

    /// End of the first window that the telemetry has not left behind; into it counts what has no time of its own.
    public var telemetryOpenEnd: EventTime { telemetry.firstOpenEnd }

    /// Samples that came further ahead of all other partitions than `unconfirmedStepMillis`. They closed no window.
    public var heldBack: Int64 { telemetry.heldBack }

    /// All windows that end by then are planned. Nil before the first one.
    public internal(set) var plannedThrough: EventTime?
    /// Windows that were looked at; runs of windows in which nothing could happen are skipped.
    public internal(set) var evaluations = 0
    /// Records and samples that were late, repeated or impossible, and were ignored.
    public internal(set) var ignored = 0

    /// Records and samples that wait for their window. Grows while a source is silent but not idle: stop
    /// feeding the sources that are ahead.
    public var waiting: Int { feeds.reduce(telemetry.count) { $0 + $1.count } }

    /// All shadows there are or were, ordered by source, then target.
    public var shadows: [ShadowState] {
        pairs.order.compactMap(state)
    }

    /// Nil if there never was a shadow.
    func state(_ place: Int) -> ShadowState? {
        ShadowState(pairs[place], pairs.measurement(place), configuration)
    }

    /// A planner over `partitions` partitions. The configuration must have passed `validate()`.
    public init(configuration: PlannerConfiguration, partitions: Int) {
        precondition((try? configuration.validate()) != nil, "validate the configuration first")
        self.configuration = configuration
        self.partitions = partitions
        rules = LifeRules(configuration)
        forecastRules = FlowForecastRules(configuration)
        writer = CommandWriter(configuration: configuration)
        grid = WindowGrid(length: configuration.windowMillis)
        telemetry = TelemetryFeed(
            partitions: partitions, grid: grid, stepMillis: configuration.unconfirmedStepMillis)
        pairs = PairTable(partitions: partitions)
        quietWindows = configuration.telemetryStaleness
    }
}

/// Which window comes next.
extension Planner {
    mutating func advance(_ tell: (PlannerEvent) -> Void) {
        guard let limit else { return }
        while let end = nextWindow(upTo: limit) {
            tell(.quiet(through: end - grid.length))
            let isNews = takeIn(through: end, tell)
            let decidedBefore = decided.count
            let changed = plan(windowEnd: end, tell)
            quietWindows = isNews ? 0 : min(quietWindows + 1, configuration.telemetryStaleness)
            isSettled = !changed && quietWindows == configuration.telemetryStaleness
            plannedThrough = end
            evaluations += 1
            let refused = decided.dropFirst(decidedBefore).count { $0.refusal != nil }
            tell(.windowEnd(end, refusedOrders: Int64(refused)))
        }
        // Windows up to the limit are over, looked at or not.
        if isSettled, plannedThrough ?? .min < limit {
            plannedThrough = limit
            tell(.quiet(through: limit))
        }
    }

    /// Windows may be planned up to here. Nil while a source or the telemetry has not been heard.
    private var limit: EventTime? {
        guard !feeds.isEmpty, let telemetryLimit = telemetry.limit else { return nil }
        var slowest: EventTime = .max
        var furthest: EventTime = .min
        var allIdle = true
        for feed in feeds {
            guard let completeThrough = feed.completeThrough else { return nil }
            furthest = max(furthest, completeThrough)
            if feed.isIdle { continue }
            slowest = min(slowest, completeThrough)
            allIdle = false
        }
        return min(grid.start(of: allIdle ? furthest : slowest), telemetryLimit)
    }

    /// End of the next window to look at. Once nothing can change by itself, that is the one with the next
    /// news, be it a year away.
    private func nextWindow(upTo limit: EventTime) -> EventTime? {
        var next = plannedThrough.map { $0 + grid.length } ?? .min
        if isSettled { next = max(next, nextNews ?? .max) }
        return next <= limit ? next : nil
    }

    private var nextNews: EventTime? {
        // Before the first window there is no shadow that an order could be about.
        let order = plannedThrough == nil ? nil : orders.nextEnd
        var next = [telemetry.nextEnd, order].compactMap { $0 }.min()
        for feed in feeds {
            guard let end = feed.nextEnd else { continue }
            next = min(next ?? .max, grid.firstEnd(notBefore: end))
        }
        return next
    }

    private mutating func takeIn(through end: EventTime, _ tell: (PlannerEvent) -> Void) -> Bool {
        var isNews = telemetry.fold(through: end) { tell(.telemetry($0)) }
        if let order = orders.nextEnd, order <= end { isNews = true }
        for source in feeds.indices where feeds[source].fold(through: end, into: &pairs) { isNews = true }
        return isNews
    }
}
