internal import Contracts
internal import ForeshadowRouting
internal import Routing

/// A decision and what it rests on, as it is told.
struct LookupAnswer: Sendable {
    /// The decision's name, by which outcomes refer to it.
    var id: String
    var customer: String
    var decision: Decision
    var part: RoutedDecision.Part?
    var state: CustomerState?
    var scores: [Score]?
    var freshness: Freshness

    func encode(_ partitions: PartitionMap, _ names: PartitionNames, into writer: inout JSONWriter) {
        writer.literal("{\"id\":\"")
        writer.append(id.utf8Span.span.bytes)
        writer.literal("\",\"customer\":")
        writer.string(customer)
        writer.literal(",\"known\":")
        writer.boolean(decision.isKnown)
        writer.literal(",\"home\":")
        if let home = decision.home { writer.append(names.quoted(home)) } else { writer.literal("null") }
        writer.literal(",\"partition\":")
        writer.append(names.quoted(decision.partition))
        writer.literal(",\"readFrom\":")
        writer.append(names.quoted(decision.readFrom))
        writer.literal(",\"writeTo\":")
        writer.list([decision.writeTo] + decision.alsoWriteTo) { $0.append(names.quoted($1)) }
        encodeShadow(partitions, into: &writer)
        encodeExperiment(into: &writer)
        if let scores { encode(scores, names, into: &writer) }
        encodeState(into: &writer)
        writer.literal(",\"ageMillis\":")
        writer.integer(freshness.ageMilliseconds)
        writer.literal(",\"stale\":")
        writer.boolean(freshness.isStale)
        writer.literal("}")
    }

    private func encodeExperiment(into writer: inout JSONWriter) {
        guard let part else {
            return writer.literal(",\"experiment\":null,\"variant\":null,\"cell\":null")
        }
        writer.literal(",\"experiment\":")
        writer.string(part.experiment)
        writer.literal(",\"variant\":")
        writer.string(part.variant)
        writer.literal(",\"cell\":")
        if let cell = part.cell { writer.string(cell) } else { writer.literal("null") }
    }

    private func encodeState(into writer: inout JSONWriter) {
        writer.literal(",\"stage\":")
        if let state, state.sequence > 0 {
            writer.literal("\"")
            writer.literal(state.stage.name)
            writer.literal("\",\"vectorTime\":")
            writer.integer(state.time)
        } else {
            writer.literal("null,\"vectorTime\":null")
        }
    }

    private func encodeShadow(_ partitions: PartitionMap, into writer: inout JSONWriter) {
        writer.literal(",\"shadow\":")
        guard let shadow = decision.shadow else { return writer.literal("null") }
        writer.literal("{\"name\":")
        writer.string(shadow.name(partitions))
        writer.literal(",\"phase\":\"")
        writer.append(shadow.phase.rawValue.utf8Span.span.bytes)
        writer.literal("\",\"readShare\":")
        writer.milli(shadow.readShareMilli)
        writer.literal(",\"epoch\":")
        writer.integer(shadow.epoch)
        writer.literal(",\"reads\":")
        writer.boolean(decision.readsShadow)
        writer.literal("}")
    }

    /// Partitions that score nothing are left out, and terms that are nothing.
    private func encode(_ scores: [Score], _ names: PartitionNames, into writer: inout JSONWriter) {
        writer.literal(",\"scores\":")
        var some = scores
        some.removeAll { $0.score == 0 }
        some.sort { $0.score > $1.score }
        writer.list(some) { writer, score in
            writer.literal("{\"partition\":")
            writer.append(names.quoted(score.partition))
            writer.literal(",\"score\":")
            writer.decimal(score.score)
            writer.literal(",\"terms\":{")
            var isFirst = true
            writer.term("\"home\":", score.home, &isFirst)
            writer.term("\"affinity\":", score.affinity, &isFirst)
            writer.term("\"proximity\":", score.proximity, &isFirst)
            writer.term("\"load\":", score.load, &isFirst)
            writer.term("\"shadow\":", score.shadow, &isFirst)
            writer.literal("}}")
        }
    }
}

extension JSONWriter {
    /// Appends a member if it is not 0.
    fileprivate mutating func term(_ name: StaticString, _ value: Double, _ isFirst: inout Bool) {
        if value == 0 { return }
        if !isFirst { literal(",") }
        isFirst = false
        literal(name)
        decimal(value)
    }
}

extension OpenShadow {
    /// `source>target`.
    func name(_ partitions: PartitionMap) -> String {
        "\(partitions.names[Int(source)])>\(partitions.names[Int(target)])"
    }
}
