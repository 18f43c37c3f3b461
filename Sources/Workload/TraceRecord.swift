public import Contracts

/// How a trace is written down.
public enum TraceFormat: Sendable, Equatable {
    /// Comma-separated values; the header's names decide the columns.
    case csv
    /// One JSON object per line.
    case jsonLines
}

/// One record for the `interactions` topic, read from a trace.
public struct TraceRecord: Sendable, Equatable {
    /// The customer; empty where a JSON line does not say.
    public var key: [UInt8]
    /// The interaction as JSON; a line of a JSON file as it stands there.
    public var value: [UInt8]
    /// When it happened, where that is known.
    public var time: EventTime?
    /// Where it came from, where that is known.
    public var region: String?
    /// The function it belongs to, where that is known.
    public var domain: String?
    /// What happened, where that is known.
    public var kind: String?
    /// The product it is about, where that is known.
    public var product: String?
    /// The line it starts on, counted from 1.
    public var line: Int

    /// Makes a record from its parts.
    public init(
        key: [UInt8], value: [UInt8], time: EventTime? = nil, region: String? = nil, domain: String? = nil,
        kind: String? = nil, product: String? = nil, line: Int
    ) {
        self.key = key
        self.value = value
        self.time = time
        self.region = region
        self.domain = domain
        self.kind = kind
        self.product = product
        self.line = line
    }

    /// The record that publishes `event`.
    public init(_ event: TraceEvent, line: Int) {
        key = Array(event.customer.utf8)
        value = []
        value.reserveCapacity(192)
        event.encode(into: &value)
        time = event.time
        region = event.region
        domain = event.domain
        kind = event.kind
        product = event.product
        self.line = line
    }
}
