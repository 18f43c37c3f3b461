extension Alert {
    /// Appends the value of an `alerts` record.
    public func encode(into writer: inout JSONWriter) {
        writer.literal("{\"rule\":")
        writer.string(rule)
        writer.literal(",\"severity\":\"")
        writer.append(severity.rawValue.utf8Span.span.bytes)
        writer.literal("\",\"state\":\"")
        writer.append(state.rawValue.utf8Span.span.bytes)
        writer.literal("\",\"since\":")
        writer.integer(since)
        writer.literal(",\"what\":")
        writer.string(what)
        writer.literal(",\"figures\":[")
        for (place, figure) in figures.enumerated() {
            if place > 0 { writer.literal(",") }
            figure.encode(into: &writer)
        }
        writer.literal("]}")
    }

    /// Reads the value of an `alerts` record.
    public init(decoding value: RawSpan) throws(Rejection) {
        try JSONObjectView.checkSize(value)
        let object = try JSONObjectView(document: value)
        let rule = try object.string("rule")
        if rule.isEmpty { throw object.missing("rule") }
        if rule.utf8.count > Self.ruleBytesMax { throw object.invalid("rule", "is too long") }
        guard let severity = AlertSeverity(rawValue: try object.string("severity")) else {
            throw object.invalid("severity", "is unknown")
        }
        guard let state = AlertState(rawValue: try object.string("state")) else {
            throw object.invalid("state", "is unknown")
        }
        var figures: [AlertFigure] = []
        try object.forEach("figures", path: "figures[].") { element throws(Rejection) in
            figures.append(try AlertFigure(element))
        }
        self.init(
            rule: rule, severity: severity, state: state, since: try object.time("since"),
            what: try object.string("what"), figures: figures)
    }
}

extension AlertFigure {
    func encode(into writer: inout JSONWriter) {
        writer.literal("{\"name\":")
        writer.string(name)
        writer.literal(",\"value\":")
        writer.milli(valueMilli)
        writer.literal(",\"threshold\":")
        writer.milli(thresholdMilli)
        writer.literal("}")
    }

    init(_ object: borrowing JSONObjectView) throws(Rejection) {
        self.init(
            try object.string("name"), valueMilli: try object.milli("value", atLeast: .min),
            thresholdMilli: try object.milli("threshold", atLeast: .min))
    }
}
