/// Whether an interaction read or wrote the customer's data.
public enum Operation: UInt8, Sendable {
    /// It read.
    case read
    /// It wrote.
    case write
}

/// What `interactions` carries: one event in which a customer's data was touched.
///
/// Texts are ranges: `InteractionDecoder.withText(of:in:_:)` gives the bytes they are ranges of. Valid until
/// the decoder decodes the next record.
public struct Interaction: Sendable, Equatable {
    /// Names the event; two events with one id are one interaction.
    public var id: ByteRange
    /// The customer.
    public var customer: ByteRange
    /// What happened: `purchase`, `browse`, ...
    public var kind: ByteRange
    /// Where it came from.
    public var region: ByteRange
    /// The function it belongs to; nil also where it was empty.
    public var domain: ByteRange?
    /// The product it is about; nil also where it was empty.
    public var product: ByteRange?
    /// When it happened.
    public var time: EventTime
    /// How many bytes it touched; 0 where it did not say.
    public var bytes: Int64
    /// Whether it read or wrote, where it said so (member `op`).
    public var operation: Operation?
    /// Whether the ranges refer to the decoder's own buffer rather than to the record's value, because
    /// escapes had to be resolved or fields came from headers.
    public var isUnescaped: Bool
}

/// What an interaction may look like.
public struct InteractionLimits: Sendable, Equatable {
    /// Largest value in bytes; larger ones are not even looked at.
    public var maximumValueBytes: Int = 1_048_576
    /// Longest customer in bytes.
    public var maximumCustomerBytes: Int = 256
    /// Longest id in bytes.
    public var maximumIdBytes: Int = 256
    /// How deep a value may be nested, its outer object counting as 1; never more than 512.
    public var maximumDepth: Int = 32
    /// How far event time may be after the record's time stamp, in milliseconds: of every input, see `EventTimeLimit`.
    public var futureTolerance: Int64 = EventTimeLimit.defaultToleranceMillis
    /// How far one customer may be ahead of all others before windows close on its word, in milliseconds: see
    /// `ConfirmedClock`.
    public var unconfirmedStep: Int64 = ConfirmedClock.defaultStepMillis
    /// The same of the telemetry of one partition.
    public var unconfirmedTelemetryStep: Int64 = ConfirmedClock.defaultTelemetryStepMillis

    /// The limit of event time.
    public var eventTime: EventTimeLimit { EventTimeLimit(toleranceMillis: futureTolerance) }

    /// The defaults.
    public init() {}
}

/// The attributes of a CloudEvent in binary mode, from the headers `ce_id`, `ce_subject`, `ce_time`, `ce_type`.
///
/// They fill in an interaction's id, customer, time and kind where the value does not have them.
public struct CloudEventAttributes: Sendable, Equatable {
    /// Fills in `id`.
    public var id: [UInt8]?
    /// Fills in `customer`.
    public var subject: [UInt8]?
    /// Fills in `time`: RFC 3339.
    public var time: [UInt8]?
    /// Fills in `kind`.
    public var type: [UInt8]?

    /// Names the attributes that are there.
    public init(id: [UInt8]? = nil, subject: [UInt8]? = nil, time: [UInt8]? = nil, type: [UInt8]? = nil) {
        self.id = id
        self.subject = subject
        self.time = time
        self.type = type
    }
}
