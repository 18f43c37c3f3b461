internal import Contracts
internal import ForeshadowRouting
internal import Routing
internal import Synchronization

/// Shows some of the decisions as events: no more of them in a second than were asked for, and no customer.
final class DecisionSampler: Sendable {
    private let hub: EventHub
    private let perSecond: Int
    private let names: PartitionNames
    private let left: Atomic<Int>

    init(_ hub: EventHub, perSecond: Int, _ names: PartitionNames) {
        self.hub = hub
        self.perSecond = perSecond
        self.names = names
        left = Atomic(perSecond)
    }

    /// A new second has begun.
    func refill() { left.store(hub.listenerCount > 0 ? perSecond : 0, ordering: .relaxed) }

    func offer(_ answer: LookupAnswer) {
        if left.load(ordering: .relaxed) <= 0 { return }
        if left.subtract(1, ordering: .relaxed).newValue < 0 { return }
        let names = names
        var writer = JSONWriter()
        writer.literal("{\"id\":")
        writer.string(answer.id)
        writer.literal(",\"partition\":")
        writer.append(names.quoted(answer.decision.partition))
        writer.literal(",\"readFrom\":")
        writer.append(names.quoted(answer.decision.readFrom))
        writer.literal(",\"variant\":")
        if let variant = answer.part?.variant { writer.string(variant) } else { writer.literal("null") }
        writer.literal(",\"known\":")
        writer.boolean(answer.decision.isKnown)
        writer.literal(",\"ageMillis\":")
        writer.integer(answer.freshness.ageMilliseconds)
        writer.literal("}")
        hub.send("decision", writer.bytes)
    }
}
