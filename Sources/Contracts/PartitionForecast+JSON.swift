extension PartitionForecast {
    /// Appends the value of a `partition-forecasts` record.
    public func encode(names: PartitionNames, into writer: inout JSONWriter) {
        writer.literal("{\"home\":")
        writer.append(names.quoted(home))
        writer.literal(",\"partition\":")
        writer.append(names.quoted(partition))
        writer.literal(",\"window\":{\"start\":")
        writer.integer(windowStart)
        writer.literal(",\"end\":")
        writer.integer(windowEnd)
        writer.literal("},\"measured\":")
        writer.milli(measuredMilli)
        writer.literal(",\"expected\":")
        writer.milli(expectedMilli)
        writer.literal(",\"threshold\":")
        writer.milli(thresholdMilli)
        writer.literal(",\"expectedThreshold\":")
        writer.milli(expectedThresholdMilli)
        writer.literal(",\"leadWindows\":")
        writer.integer(leadWindows)
        writer.literal("}")
    }

    /// Reads the value of a `partition-forecasts` record. Shares are 0 to 1.
    public init(decoding value: RawSpan, partitions: PartitionMap) throws(Rejection) {
        try JSONObjectView.checkSize(value)
        let object = try JSONObjectView(document: value)
        let window = try object.object("window", path: "window.")
        self.init(
            home: try object.partition("home", in: partitions),
            partition: try object.partition("partition", in: partitions),
            windowStart: try window.integer("start", in: .min ... .max),
            windowEnd: try window.integer("end", in: .min ... .max),
            measuredMilli: try object.share("measured"),
            expectedMilli: try object.share("expected"), thresholdMilli: try object.share("threshold"),
            expectedThresholdMilli: try object.share("expectedThreshold"),
            leadWindows: try object.integer("leadWindows", in: 1...1_000_000))
    }
}

extension JSONObjectView {
    /// Thousandths, 0 to 1,000.
    fileprivate func share(_ name: StaticString) throws(Rejection) -> Int64 {
        let milli = try milli(name)
        if milli > 1_000 { throw invalid(name, "exceeds 1") }
        return milli
    }
}
