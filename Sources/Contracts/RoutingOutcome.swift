/// What `routing-outcomes` carries: what became of one routed request.
public struct RoutingOutcome: Sendable, Equatable {
    /// The decision it followed.
    public var decision: String
    /// The customer; also the record's key.
    public var customer: [UInt8]
    /// The experiment the decision was part of, if any.
    public var experiment: String?
    /// The variant it was routed by; `none` outside of experiments.
    public var variant: String
    /// Where the request belongs, for a switchback.
    public var cell: String?
    /// Where the request went.
    public var partition: String
    /// When it ended.
    public var time: EventTime
    /// How long it took.
    public var latencyMicros: Int64
    /// Whether it failed.
    public var isError: Bool
    /// Whether it was served outside of the place it came from.
    public var isRemote: Bool

    /// The variant of requests outside of experiments.
    public static let noVariant = "none"

    /// Makes an outcome from its parts.
    public init(
        decision: String, customer: [UInt8], experiment: String? = nil, variant: String = noVariant,
        cell: String? = nil, partition: String, time: EventTime, latencyMicros: Int64, isError: Bool = false,
        isRemote: Bool = false
    ) {
        self.decision = decision
        self.customer = customer
        self.experiment = experiment
        self.variant = variant
        self.cell = cell
        self.partition = partition
        self.time = time
        self.latencyMicros = latencyMicros
        self.isError = isError
        self.isRemote = isRemote
    }

    /// Appends the value of a `routing-outcomes` record.
    public func encode(into writer: inout JSONWriter) {
        writer.literal("{\"decision\":")
        writer.string(decision)
        writer.literal(",\"customer\":")
        writer.string(customer.span.bytes)
        if let experiment {
            writer.literal(",\"experiment\":")
            writer.string(experiment)
        }
        writer.literal(",\"variant\":")
        writer.string(variant)
        if let cell {
            writer.literal(",\"cell\":")
            writer.string(cell)
        }
        writer.literal(",\"partition\":")
        writer.string(partition)
        writer.literal(",\"time\":")
        writer.integer(time)
        writer.literal(",\"latencyMicros\":")
        writer.integer(latencyMicros)
        writer.literal(",\"error\":")
        writer.boolean(isError)
        writer.literal(",\"remote\":")
        writer.boolean(isRemote)
        writer.literal("}")
    }

    /// Reads the value of a `routing-outcomes` record. Without `error` and `remote` it is neither.
    public init(decoding value: RawSpan) throws(Rejection) {
        try JSONObjectView.checkSize(value)
        let object = try JSONObjectView(document: value)
        self.init(
            decision: try object.string("decision"), customer: try object.bytes("customer"),
            experiment: try object.token("experiment").isAbsent ? nil : object.string("experiment"),
            variant: try object.string("variant"),
            cell: try object.token("cell").isAbsent ? nil : object.string("cell"),
            partition: try object.string("partition"), time: try object.time("time"),
            latencyMicros: try object.count("latencyMicros"),
            isError: try object.token("error").isAbsent ? false : object.boolean("error"),
            isRemote: try object.token("remote").isAbsent ? false : object.boolean("remote"))
    }
}
