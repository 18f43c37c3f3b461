extension ShadowOrder {
    /// The shadow's name, and the key of its orders: `source>target`.
    public func shadow(_ partitions: PartitionMap) -> String {
        "\(partitions.names[Int(source)])>\(partitions.names[Int(target)])"
    }

    /// Appends the value of a `shadow-orders` record.
    public func encode(names: PartitionNames, into writer: inout JSONWriter) {
        writer.literal("{\"id\":")
        writer.string(id)
        writer.literal(",\"time\":")
        writer.integer(time)
        writer.literal(",\"order\":\"")
        writer.append(kind.rawValue.utf8Span.span.bytes)
        writer.literal("\",\"source\":")
        writer.append(names.quoted(source))
        writer.literal(",\"target\":")
        writer.append(names.quoted(target))
        writer.literal(",\"by\":")
        writer.string(by)
        writer.literal(",\"reason\":")
        writer.string(reason)
        writer.literal("}")
    }

    /// Reads the value of a `shadow-orders` record.
    public init(decoding value: RawSpan, partitions: PartitionMap) throws(Rejection) {
        try JSONObjectView.checkSize(value)
        let object = try JSONObjectView(document: value)
        guard let kind = OrderKind(rawValue: try object.string("order")) else {
            throw object.invalid("order", "is unknown")
        }
        self.init(
            id: try object.text("id", bytesMax: Self.nameBytesMax), time: try object.time("time"), kind: kind,
            source: try object.partition("source", in: partitions),
            target: try object.partition("target", in: partitions),
            by: try object.text("by", bytesMax: Self.nameBytesMax),
            reason: try object.text("reason", bytesMax: Self.reasonBytesMax))
    }
}

extension OrderNote {
    /// Appends it as the member `order` of an object that has members before it.
    func encode(into writer: inout JSONWriter) {
        writer.literal(",\"order\":{\"id\":")
        writer.string(id)
        writer.literal(",\"by\":")
        writer.string(by)
        writer.literal(",\"reason\":")
        writer.string(reason)
        writer.literal("}")
    }

    init(_ object: borrowing JSONObjectView) throws(Rejection) {
        self.init(
            id: try object.string("id"), by: try object.string("by"), reason: try object.string("reason"))
    }
}

extension JSONObjectView {
    /// A required string of 1 to `bytesMax` bytes.
    fileprivate func text(_ name: StaticString, bytesMax: Int) throws(Rejection) -> String {
        let text = try string(name)
        if text.isEmpty { throw missing(name) }
        if text.utf8.count > bytesMax { throw invalid(name, "is too long") }
        return text
    }
}
