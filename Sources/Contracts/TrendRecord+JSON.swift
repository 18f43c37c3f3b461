extension TrendRecord {
    /// Appends the value of a `partition-trends` record.
    public func encode(names: PartitionNames, into writer: inout JSONWriter) {
        writer.literal("{\"source\":")
        writer.integer(Int64(source))
        writer.literal(",\"sources\":")
        writer.integer(Int64(sources))
        writer.literal(",\"window\":{\"start\":")
        writer.integer(windowStart)
        writer.literal(",\"end\":")
        writer.integer(windowEnd)
        writer.literal("},\"completeThrough\":")
        writer.integer(completeThrough)
        writer.literal(",\"idle\":")
        writer.boolean(idle)
        writer.literal(",\"flows\":[")
        for (place, flow) in flows.enumerated() {
            if place > 0 { writer.literal(",") }
            flow.encode(names: names, into: &writer)
        }
        writer.literal("]}")
    }

    /// Reads the value of a `partition-trends` record.
    public init(decoding value: RawSpan, partitions: PartitionMap) throws(Rejection) {
        let object = try JSONObjectView(document: value)
        let sources = try object.integer("sources", in: 1...Int64(Int32.max))
        let source = try object.integer("source", in: 0...sources - 1)
        let window = try object.object("window", path: "window.")
        var flows: [Flow] = []
        try object.forEach("flows", path: "flows[].") { flow throws(Rejection) in
            flows.append(try Flow(flow, partitions: partitions))
        }
        self.init(
            source: Int32(source), sources: Int32(sources),
            windowStart: try window.integer("start", in: .min ... .max),
            windowEnd: try window.integer("end", in: .min ... .max),
            completeThrough: try object.integer("completeThrough", in: .min ... .max),
            idle: try object.boolean("idle"), flows: flows)
    }
}

extension Flow {
    func encode(names: PartitionNames, into writer: inout JSONWriter) {
        writer.literal("{\"home\":")
        writer.append(names.quoted(home))
        writer.literal(",\"partition\":")
        writer.append(names.quoted(partition))
        writer.literal(",\"customers\":")
        writer.integer(customers)
        writer.literal(",\"highCustomers\":")
        writer.integer(highCustomers)
        writer.literal(",\"anticipatedVolume\":")
        writer.integer(anticipatedVolume)
        writer.literal(",\"anticipatedAccesses\":")
        writer.integer(anticipatedAccesses)
        writer.literal(",\"accesses\":")
        writer.integer(accesses)
        writer.literal("}")
    }

    init(_ object: borrowing JSONObjectView, partitions: PartitionMap) throws(Rejection) {
        self.init(
            home: try object.partition("home", in: partitions),
            partition: try object.partition("partition", in: partitions),
            customers: try object.integer("customers", in: 0 ... .max),
            highCustomers: try object.integer("highCustomers", in: 0 ... .max),
            anticipatedVolume: try object.integer("anticipatedVolume", in: 0 ... .max),
            anticipatedAccesses: try object.integer("anticipatedAccesses", in: 0 ... .max),
            accesses: try object.integer("accesses", in: 0 ... .max))
    }
}
