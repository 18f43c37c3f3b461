public import Contracts

/// State as bytes: a record per flow and one for what they share.
///
/// A planner that was given back the newest record of each flow, in any order, and then the newest shared one, goes
/// on exactly as the one that wrote them. What was restored does not count as changed.
extension Planner {
    private static let version: UInt64 = 7
    /// Before, whichever partition was ahead decided the telemetry's time.
    private static let versionOfOneClock: UInt64 = 6
    /// Before, flows did not know what the world was told of them; all else was the same.
    private static let oldestVersion: UInt64 = 5

    /// How many flows changed since the last `takeChanges`.
    public var changedFlows: Int { pairs.changedCount }

    /// Hands out each flow that changed since the last call, with its state. The key is four bytes: home, then
    /// partition, big-endian.
    public mutating func takeChanges(_ body: (_ flow: RawSpan, _ state: RawSpan) -> Void) {
        pairs.takeChanges { key, state in
            let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: key >> $0) }
            body(bytes.span.bytes, state)
        }
    }

    /// Takes a flow's state over, in place of what was known of it.
    ///
    /// Throws when the bytes cannot be what `takeChanges` gave; what was known of the flow stays then.
    public mutating func restore(flow: RawSpan, state: RawSpan) throws(StateFailure) {
        if flow.byteCount != 4 { throw .outOfRange("a flow") }
        let key = (0..<4).reduce(UInt32(0)) {
            $0 << 8 | UInt32(flow.unsafeLoad(fromByteOffset: $1, as: UInt8.self))
        }
        var reader = StateReader(state)
        try pairs.restore(key, &reader, forecastRules)
    }

    /// Writes what flows share.
    public func encodeShared(into state: inout StateWriter) {
        state.write(Self.version)
        state.write(UInt64(partitions))
        state.write(configuration.windowMillis)
        state.write(UInt32(feeds.count))
        for feed in feeds { feed.encode(into: &state) }
        telemetry.encode(into: &state)
        orders.encode(into: &state)
        var forecast = StateWriter()
        unused?.encode(into: &forecast)
        state.write(forecast.bytes.span.bytes)
        state.write(quietWindows)
        state.write(isSettled)
        state.write(plannedThrough != nil)
        state.write(plannedThrough ?? 0)
        state.write(evaluations)
        state.write(ignored)
    }

    /// Takes over what flows share: the last step, when all flows are there.
    ///
    /// Throws when the bytes cannot be what `encodeShared` wrote, or are of other partitions or windows; nothing
    /// has changed then.
    public mutating func restoreShared(_ state: RawSpan) throws(StateFailure) {
        var reader = StateReader(state)
        let version: UInt64 = try reader.read()
        if !(Self.oldestVersion...Self.version).contains(version) { throw .unknownVersion(version) }
        let count: UInt64 = try reader.read()
        if count != UInt64(partitions) { throw .otherShape("\(count) partitions, not \(partitions)") }
        let window: Int64 = try reader.read()
        if window != configuration.windowMillis {
            throw .otherShape("windows of \(window) ms, not \(configuration.windowMillis)")
        }
        var other = self
        other.feeds = []
        for source in 0..<(try reader.count(limit: Self.sourceLimit, "sources")) {
            other.feeds.append(try TrendFeed(&reader, source: UInt16(source), partitions: partitions))
        }
        other.pairs.restore(homes: other.feeds.map(\.homes))
        try other.telemetry.restore(&reader, isConfirmed: version > Self.versionOfOneClock)
        other.orders = try OrderQueue(&reader, partitions: partitions)
        let forecast = try reader.readBytes()
        other.unused = forecast.isEmpty ? nil : try FlowForecast(restoring: forecast, forecastRules)
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
