extension ModelQuality {
    /// Appends the value of a `model-quality` record.
    public func encode(into writer: inout JSONWriter) {
        writer.literal("{\"source\":")
        writer.integer(Int64(source))
        writer.literal(",\"window\":{\"start\":")
        writer.integer(windowStart)
        writer.literal(",\"end\":")
        writer.integer(windowEnd)
        writer.literal("},\"model\":")
        writer.string(model)
        writer.literal(",\"accesses\":")
        writer.integer(accesses)
        writer.literal(",\"logLoss\":")
        writer.decimal(Double(logLossMicro) / 1_000_000)
        writer.literal(",\"baselineLogLoss\":")
        writer.decimal(Double(baselineLogLossMicro) / 1_000_000)
        writer.literal(",\"calibration\":[")
        for (place, bin) in calibration.enumerated() {
            if place > 0 { writer.literal(",") }
            writer.literal("{\"count\":")
            writer.integer(bin.count)
            writer.literal(",\"confidence\":")
            writer.decimal(Double(bin.confidenceMicro) / 1_000_000)
            writer.literal(",\"hits\":")
            writer.integer(bin.hits)
            writer.literal("}")
        }
        writer.literal("]}")
    }

    /// Reads the value of a `model-quality` record. What is finer than a millionth is rounded.
    public init(decoding value: RawSpan) throws(Rejection) {
        try JSONObjectView.checkSize(value)
        let object = try JSONObjectView(document: value)
        let document = try JSONValue(parsing: value)
        let window = try object.object("window", path: "window.")
        let model = try object.string("model")
        if model.isEmpty { throw object.missing("model") }
        if model.utf8.count > Self.modelBytesMax { throw object.invalid("model", "is too long") }
        self.init(
            source: Int32(try object.integer("source", in: 0...Int64(Int32.max))),
            windowStart: try window.integer("start", in: .min ... .max),
            windowEnd: try window.integer("end", in: .min ... .max), model: model,
            accesses: try object.count("accesses"),
            logLossMicro: try Self.micro(document["logLoss"], "logLoss"),
            baselineLogLossMicro: try Self.micro(document["baselineLogLoss"], "baselineLogLoss"),
            calibration: try Self.bins(object, document))
        if calibration.reduce(0, { $0 + $1.count }) != accesses {
            throw object.invalid("calibration", "does not add up to accesses")
        }
    }

    private static func bins(
        _ object: borrowing JSONObjectView, _ document: JSONValue
    ) throws(Rejection) -> [Bin] {
        let elements = document["calibration"]?.elements ?? []
        var bins: [Bin] = []
        try object.forEach("calibration", path: "calibration[].") { element throws(Rejection) in
            let confidence = bins.count < elements.count ? elements[bins.count]["confidence"] : nil
            let bin = Bin(
                count: try element.count("count"),
                confidenceMicro: try micro(confidence, "calibration[].confidence"),
                hits: try element.count("hits"))
            if bin.hits > bin.count { throw element.invalid("hits", "is out of range") }
            if bin.confidenceMicro > 1_000_000 { throw element.invalid("confidence", "is out of range") }
            bins.append(bin)
        }
        if bins.count != binCount { throw object.invalid("calibration", "must have 10 bins") }
        return bins
    }

    /// A number that is not negative, in millionths.
    private static func micro(_ value: JSONValue?, _ name: String) throws(Rejection) -> Int64 {
        guard let value, value != .null else { throw Rejection(.missingField, "\(name) is missing") }
        guard let real = value.realNumber else { throw Rejection(.invalidField, "\(name) must be a number") }
        guard (0...1_000_000).contains(real) else {
            throw Rejection(.invalidField, "\(name) is out of range")
        }
        return Int64((real * 1_000_000).rounded())
    }
}
