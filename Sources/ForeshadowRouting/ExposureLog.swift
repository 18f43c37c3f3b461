internal import Contracts
internal import Synchronization

/// Publishes who was exposed to which variant: once for each unit, as far as this instance remembers. What comes twice
/// counts once in the analysis.
package final class ExposureLog: Sendable {
    private let publisher: RecordPublisher
    private let topic: String
    /// By their lowest bits, so that threads seldom wait for each other.
    private let shards: [Shard]

    /// Holds a lock, which has no copies, where an array can.
    private final class Shard: Sendable {
        let units = Mutex<Set<UInt64>>([])
    }

    private static let shardCount = 64
    /// Units that a shard remembers; beyond that, all of it are forgotten and exposed again.
    private static let unitsMax = 16_384

    package init(_ publisher: RecordPublisher, topic: String) {
        self.publisher = publisher
        self.topic = topic
        shards = (0..<Self.shardCount).map { _ in Shard() }
    }

    func note(
        _ customer: RawSpan, _ choice: RunningExperiment.Choice, of running: RunningExperiment,
        at time: EventTime
    ) {
        let shard = shards[Int(truncatingIfNeeded: choice.unit) & (Self.shardCount - 1)]
        let isNew = shard.units.withLock { units in
            if units.count >= Self.unitsMax { units.removeAll(keepingCapacity: true) }
            return units.insert(choice.unit).inserted
        }
        if !isNew { return }
        let exposure = RoutingExposure(
            experiment: running.name, customer: customer.withUnsafeBytes { Array($0) },
            variant: running.variants[choice.variant],
            cell: choice.cell, time: time)
        var writer = JSONWriter()
        exposure.encode(into: &writer)
        let record = RecordPublisher.Waiting(topic: topic, key: exposure.customer, value: writer.bytes)
        // If there is no room, the customer's next request is told instead.
        if !publisher.offer([record]) { _ = shard.units.withLock { $0.remove(choice.unit) } }
    }
}
