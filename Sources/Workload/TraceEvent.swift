public import Contracts

/// One interaction as an upstream service would publish it.
public struct TraceEvent: Sendable, Equatable {
    /// Names the event; two events with the same id are one interaction.
    public var id: String
    /// The customer whose data was touched.
    public var customer: String
    /// When it happened.
    public var time: EventTime
    /// What happened: `purchase`, `browse`, ...
    public var kind: String
    /// Where it came from.
    public var region: String
    /// The function it belongs to.
    public var domain: String?
    /// How many bytes it touched.
    public var bytes: Int64?
    /// The product it is about.
    public var product: String?
    /// `read` or `write`.
    public var op: String?

    /// Makes an event from its parts.
    public init(
        id: String, customer: String, time: EventTime, kind: String, region: String, domain: String? = nil,
        bytes: Int64? = nil, product: String? = nil, op: String? = nil
    ) {
        self.id = id
        self.customer = customer
        self.time = time
        self.kind = kind
        self.region = region
        self.domain = domain
        self.bytes = bytes
        self.product = product
        self.op = op
    }

    /// Appends the value of an `interactions` record: one compact JSON object, absent fields left out.
    public func encode(into out: inout [UInt8]) {
        var object = JSONObjectText(&out)
        object.add("id", id, to: &out)
        object.add("customer", customer, to: &out)
        object.add("time", time, to: &out)
        object.add("kind", kind, to: &out)
        object.add("region", region, to: &out)
        if let domain { object.add("domain", domain, to: &out) }
        if let bytes { object.add("bytes", bytes, to: &out) }
        if let product { object.add("product", product, to: &out) }
        if let op { object.add("op", op, to: &out) }
        object.end(&out)
    }
}
