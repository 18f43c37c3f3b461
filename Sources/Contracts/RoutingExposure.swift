/// What `routing-exposures` carries: a customer's requests were routed by a variant of an experiment from then on.
public struct RoutingExposure: Sendable, Equatable {
    /// The experiment.
    public var experiment: String
    /// The customer; also the record's key.
    public var customer: [UInt8]
    /// The variant.
    public var variant: String
    /// Where the request belongs, for a switchback; nil for other experiments.
    public var cell: String?
    /// When the decision was made.
    public var time: EventTime

    /// Makes an exposure from its parts.
    public init(experiment: String, customer: [UInt8], variant: String, cell: String? = nil, time: EventTime)
    {
        self.experiment = experiment
        self.customer = customer
        self.variant = variant
        self.cell = cell
        self.time = time
    }

    /// Appends the value of a `routing-exposures` record.
    public func encode(into writer: inout JSONWriter) {
        writer.literal("{\"experiment\":")
        writer.string(experiment)
        writer.literal(",\"customer\":")
        writer.string(customer.span.bytes)
        writer.literal(",\"variant\":")
        writer.string(variant)
        if let cell {
            writer.literal(",\"cell\":")
            writer.string(cell)
        }
        writer.literal(",\"time\":")
        writer.integer(time)
        writer.literal("}")
    }

    /// Reads the value of a `routing-exposures` record.
    public init(decoding value: RawSpan) throws(Rejection) {
        try JSONObjectView.checkSize(value)
        let object = try JSONObjectView(document: value)
        self.init(
            experiment: try object.string("experiment"), customer: try object.bytes("customer"),
            variant: try object.string("variant"),
            cell: try object.token("cell").isAbsent ? nil : object.string("cell"),
            time: try object.time("time"))
    }
}
