public import Contracts

/// State as bytes.
extension Planner {
    private static let version: UInt64 = 2

    /// Writes everything.
    public func encode(into state: inout StateWriter) {
        state.write(Self.version)
        state.write(UInt64(partitions))
        state.write(configuration.windowMillis)
        state.write(UInt32(feeds.count))
        for feed in feeds { feed.encode(into: &state) }
        telemetry.encode(into: &state)
        pairs.encode(into: &state)
        state.write(quietWindows)
        state.write(isSettled)
        state.write(plannedThrough != nil)
        state.write(plannedThrough ?? 0)
        state.write(evaluations)
        state.write(ignored)
    }

    /// Takes everything over. Throws when the bytes cannot be what `encode` wrote, or are of other partitions
    /// or windows; nothing has changed then.
    public mutating func restore(_ state: RawSpan) throws(StateFailure) {
        var reader = StateReader(state)
        let version: UInt64 = try reader.read()
        if version != Self.version { throw .unknownVersion(version) }
        let count: UInt64 = try reader.read()
        if count != UInt64(partitions) { throw .otherShape("\(count) partitions, not \(partitions)") }
        let window: Int64 = try reader.read()
        if window != configuration.windowMillis {
            throw .otherShape("windows of \(window) ms, not \(configuration.windowMillis)")
        }
        var other = self
        other.feeds = []
        for _ in 0..<(try reader.count(limit: Self.sourceLimit, "sources")) {
            other.feeds.append(try TrendFeed(&reader, partitions: partitions))
        }
        other.telemetry = try TelemetryFeed(&reader, partitions: partitions, grid: grid)
        other.pairs = try PairTable(&reader, partitions: partitions)
        other.quietWindows = try reader.read(in: 0...PlannerConfiguration.windowsMax, "quiet windows")
        other.isSettled = try reader.read()
        let isPlanned: Bool = try reader.read()
        let time: EventTime = try reader.read(in: WindowGrid.near, "time")
        other.plannedThrough = isPlanned ? time : nil
        // Before the first window there is no next one until something is heard.
        if !isPlanned && !other.isSettled { throw .outOfRange("a first window that is not settled") }
        other.evaluations = try reader.read(in: 0...1 << 60, "evaluations")
        other.ignored = try reader.read(in: 0...1 << 60, "ignored records")
        try reader.finish()
        self = other
    }
}
