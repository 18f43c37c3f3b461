extension VectorChange {
    /// Appends the value of an `affinity-vectors` record. Partitions of no probability are left out. `model` is
    /// JSON already: a string with its quotes.
    public borrowing func encode(
        customer: RawSpan, cause: Cause, model: RawSpan, names: PartitionNames,
        into writer: inout JSONWriter
    ) {
        writer.literal("{\"customer\":")
        writer.string(customer)
        writer.literal(",\"sequence\":")
        writer.integer(sequence)
        writer.literal(",\"time\":")
        writer.integer(time)
        writer.literal(",\"home\":")
        writer.append(names.quoted(home))
        if let access {
            writer.literal(",\"access\":")
            writer.append(names.quoted(access))
        }
        writer.literal(",\"stage\":\"")
        writer.literal(stage.name)
        writer.literal("\",\"before\":")
        if hasBefore { before.encode(names: names, into: &writer) } else { writer.literal("null") }
        writer.literal(",\"after\":")
        after.encode(names: names, into: &writer)
        writer.literal(",\"model\":")
        writer.append(model)
        writer.literal(",\"cause\":{\"topic\":")
        writer.string(cause.topic)
        writer.literal(",\"topicPartition\":")
        writer.integer(Int64(cause.topicPartition))
        writer.literal(",\"offset\":")
        writer.integer(cause.offset)
        writer.literal("}}")
    }
}

extension AffinityVector {
    borrowing func encode(names: PartitionNames, into writer: inout JSONWriter) {
        writer.literal("{\"next\":{")
        Self.encode(next, names, into: &writer)
        writer.literal("},\"share\":{")
        Self.encode(share, names, into: &writer)
        writer.literal("},\"high\":[")
        for i in 0..<high.count {
            if i > 0 { writer.literal(",") }
            writer.append(names.quoted(high[i]))
        }
        writer.literal("],\"rate\":")
        writer.milli(rateMilli)
        writer.literal(",\"volume\":")
        writer.integer(volume)
        writer.literal("}")
    }

    @inline(__always)
    private static func encode(
        _ units: [ProbabilityUnits], _ names: PartitionNames, into writer: inout JSONWriter
    ) {
        var isFirst = true
        for partition in 0..<units.count where units[partition] > 0 {
            if !isFirst { writer.literal(",") }
            isFirst = false
            writer.entry(names.member(partition), units[partition])
        }
    }
}
