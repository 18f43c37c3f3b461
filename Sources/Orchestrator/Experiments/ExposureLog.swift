internal import Contracts
internal import Synchronization

/// Publishes who was exposed to which variant: once for each unit, as far as this instance remembers. What comes twice
/// counts once in the analysis.
final class ExposureLog: Sendable {
    private let publisher: RecordPublisher
    private let topic: String
    private let units = Mutex<Set<UInt64>>([])

    /// Units that are remembered; beyond that, all are forgotten and exposed again.
    private static let unitsMax = 1_000_000

    init(_ publisher: RecordPublisher, topic: String) {
        self.publisher = publisher
        self.topic = topic
    }

    func note(
        _ customer: String, _ choice: RunningExperiment.Choice, of running: RunningExperiment,
        at time: EventTime
    ) {
        let isNew = units.withLock { units in
            if units.count >= Self.unitsMax { units.removeAll(keepingCapacity: true) }
            return units.insert(choice.unit).inserted
        }
        if !isNew { return }
        let exposure = RoutingExposure(
            experiment: running.name, customer: Array(customer.utf8),
            variant: running.variants[choice.variant],
            cell: choice.cell, time: time)
        var writer = JSONWriter()
        exposure.encode(into: &writer)
        let record = RecordPublisher.Waiting(topic: topic, key: exposure.customer, value: writer.bytes)
        // If there is no room, the customer's next request is told instead.
        if !publisher.offer([record]) { _ = units.withLock { $0.remove(choice.unit) } }
    }
}
