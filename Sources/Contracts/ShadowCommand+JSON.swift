extension ShadowCommand {
    /// The shadow's name, and the key of its commands: `source>target`.
    public func shadow(_ partitions: PartitionMap) -> String {
        "\(partitions.names[Int(source)])>\(partitions.names[Int(target)])"
    }

    /// Appends the value of a `partition-commands` record.
    ///
    /// Its members `id`, `shadow` and `cohort.predicate` follow from the others.
    public func encode(names: PartitionNames, into writer: inout JSONWriter) {
        writer.literal("{\"id\":\"")
        encodeShadow(names, into: &writer)
        writer.literal("#")
        writer.integer(epoch)
        writer.literal("\",\"type\":\"")
        writer.append(type.rawValue.utf8Span.span.bytes)
        writer.literal("\",\"shadow\":\"")
        encodeShadow(names, into: &writer)
        writer.literal("\",\"source\":")
        writer.append(names.quoted(source))
        writer.literal(",\"target\":")
        writer.append(names.quoted(target))
        writer.literal(",\"epoch\":")
        writer.integer(epoch)
        writer.literal(",\"phase\":\"")
        writer.append(phase.rawValue.utf8Span.span.bytes)
        writer.literal("\",\"readShare\":")
        writer.milli(readShareMilli)
        writer.literal(",\"dualWrite\":")
        writer.boolean(dualWrite)
        writer.literal(",\"paused\":")
        writer.boolean(isPaused)
        writer.literal(",\"pinned\":")
        writer.boolean(isPinned)
        order?.encode(into: &writer)
        encodeGrounds(names, into: &writer)
        writer.literal("}")
    }

    private func encodeShadow(_ names: PartitionNames, into writer: inout JSONWriter) {
        writer.append(names.escaped(source))
        writer.literal(">")
        writer.append(names.escaped(target))
    }

    private func encodeGrounds(_ names: PartitionNames, into writer: inout JSONWriter) {
        writer.literal(",\"cohort\":{\"size\":")
        writer.integer(cohortSize)
        writer.literal(",\"share\":")
        writer.milli(cohortShareMilli)
        writer.literal(",\"predicate\":{\"home\":")
        writer.append(names.quoted(source))
        writer.literal(",\"high\":")
        writer.append(names.quoted(target))
        writer.literal("}},\"evidence\":[")
        for (place, evidence) in evidence.enumerated() {
            if place > 0 { writer.literal(",") }
            evidence.encode(into: &writer)
        }
        writer.literal("],\"window\":{\"start\":")
        writer.integer(windowStart)
        writer.literal(",\"end\":")
        writer.integer(windowEnd)
        writer.literal("}")
    }

    /// Reads the value of a `partition-commands` record. Members that follow from others are not read. Commands
    /// from before there were orders lack `paused` and `pinned`: they were neither.
    public init(decoding value: RawSpan, partitions: PartitionMap) throws(Rejection) {
        let object = try JSONObjectView(document: value)
        guard let type = CommandType(rawValue: try object.string("type")) else {
            throw object.invalid("type", "is unknown")
        }
        guard let phase = Phase(rawValue: try object.string("phase")) else {
            throw object.invalid("phase", "is unknown")
        }
        let readShare = try object.milli("readShare")
        guard readShare <= 1_000 else { throw object.invalid("readShare", "is out of range") }
        let cohort = try object.object("cohort", path: "cohort.")
        let window = try object.object("window", path: "window.")
        var evidence: [Evidence] = []
        try object.forEach("evidence", path: "evidence[].") { element throws(Rejection) in
            evidence.append(try Evidence(element))
        }
        self.init(
            type: type, source: try object.partition("source", in: partitions),
            target: try object.partition("target", in: partitions),
            epoch: UInt64(try object.integer("epoch", in: 0 ... .max)), phase: phase,
            readShareMilli: readShare, dualWrite: try object.boolean("dualWrite"),
            isPaused: try object.token("paused").isAbsent ? false : object.boolean("paused"),
            isPinned: try object.token("pinned").isAbsent ? false : object.boolean("pinned"),
            order: try object.token("order").isAbsent
                ? nil : OrderNote(try object.object("order", path: "order.")),
            cohortSize: try cohort.integer("size", in: 0 ... .max),
            cohortShareMilli: try cohort.milli("share"), evidence: evidence,
            windowStart: try window.integer("start", in: .min ... .max),
            windowEnd: try window.integer("end", in: .min ... .max))
    }
}

extension Evidence {
    func encode(into writer: inout JSONWriter) {
        writer.literal("{\"figure\":")
        writer.string(figure)
        writer.literal(",\"value\":")
        writer.milli(valueMilli)
        writer.literal(",\"threshold\":")
        writer.milli(thresholdMilli)
        writer.literal("}")
    }

    init(_ object: borrowing JSONObjectView) throws(Rejection) {
        self.init(
            figure: try object.string("figure"), valueMilli: try object.milli("value", atLeast: .min),
            thresholdMilli: try object.milli("threshold", atLeast: .min))
    }
}
