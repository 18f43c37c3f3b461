extension Telemetry {
    /// Appends the value of a `partition-telemetry` record.
    public func encode(names: PartitionNames, into writer: inout JSONWriter) {
        writer.literal("{\"partition\":")
        writer.append(names.quoted(partition))
        writer.literal(",\"time\":")
        writer.integer(time)
        writer.literal(",\"reads\":")
        writer.integer(reads)
        writer.literal(",\"writes\":")
        writer.integer(writes)
        writer.literal(",\"errors\":")
        writer.integer(errors)
        writer.literal(",\"latencyP50Micros\":")
        writer.integer(latencyP50Micros)
        writer.literal(",\"latencyP99Micros\":")
        writer.integer(latencyP99Micros)
        writer.literal(",\"utilisation\":")
        writer.milli(utilisationMilli)
        writer.literal(",\"replicaLagMillis\":")
        writer.integer(replicaLagMillis)
        writer.literal(",\"divergence\":{\"sampled\":")
        writer.integer(divergenceSampled)
        writer.literal(",\"found\":")
        writer.integer(divergenceFound)
        writer.literal("}}")
    }

    /// Reads the value of a `partition-telemetry` record.
    ///
    /// Counts are 0 to 2^53 - 1. Without `divergence`, nothing was sampled and nothing found.
    public init(decoding value: RawSpan, partitions: PartitionMap) throws(Rejection) {
        try JSONObjectView.checkSize(value)
        let object = try JSONObjectView(document: value)
        self.init(
            partition: try object.partition("partition", in: partitions),
            time: try object.time("time"),
            reads: try object.count("reads"),
            writes: try object.count("writes"),
            errors: try object.count("errors"),
            latencyP50Micros: try object.count("latencyP50Micros"),
            latencyP99Micros: try object.count("latencyP99Micros"),
            utilisationMilli: try object.milli("utilisation"),
            replicaLagMillis: try object.count("replicaLagMillis"),
            divergenceSampled: 0, divergenceFound: 0)
        if object.token("divergence").isAbsent { return }
        let divergence = try object.object("divergence", path: "divergence.")
        divergenceSampled = try divergence.count("sampled")
        divergenceFound = try divergence.count("found")
    }

}
