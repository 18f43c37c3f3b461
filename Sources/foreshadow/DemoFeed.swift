import Contracts
import Kafka
import Logging
import Streams
import Synchronization
import Workload

/// Publishes a demo's interactions, the telemetry a data plane would send for them, and the marks that say
/// that nothing will follow.
final class DemoFeed: Sendable {
    private let source: DemoSource
    private let partitions: PartitionMap
    private let latenessMillis: Int64
    private let limit: Int?
    private let state = Mutex((published: 0, finalBoundary: EventTime?.none))

    init(source: DemoSource, partitions: PartitionMap, latenessMillis: Int64, limit: Int?) {
        self.source = source
        self.partitions = partitions
        self.latenessMillis = latenessMillis
        self.limit = limit
    }

    /// How many interactions were published so far.
    var published: Int { state.withLock { $0.published } }

    /// Once all is published: the end of the last window that will be planned.
    var finalBoundary: EventTime? { state.withLock { $0.finalBoundary } }

    /// Publishes everything, on this thread. `pause` returns when the pipeline is not too far behind.
    func run(_ client: ClientConfiguration, topicPartitions: Int32, logger: Logger, pause: (Int) -> Void)
        throws
    {
        let publisher = try Publisher(
            client, topics: [TopicName.interactions, TopicName.partitionTelemetry], logger: logger)
        var dataPlane = SimulatedDataPlane(
            partitions: partitions.count, options: DataPlaneOptions(seed: 1, window: source.windowMillis))
        let names = PartitionNames(partitions)
        var writer = JSONWriter()
        func publish(_ samples: [Telemetry]) throws {
            for sample in samples {
                writer.removeAll()
                sample.encode(names: names, into: &writer)
                try publisher.publishTelemetry(
                    writer.bytes, key: partitions.names[Int(sample.partition)])
            }
        }
        try source.forEach(limit: limit) { record in
            try publisher.publish(record)
            if let time = record.time, let region = record.region, let place = partitions.find(region) {
                try publish(dataPlane.observe(time: time, partition: place, write: false))
            }
            let count = publisher.totals.records
            if count.isMultiple(of: 50) {
                state.withLock { $0.published = count }
                pause(count)
            }
        }
        try publish(dataPlane.finish())
        try end(publisher, topicPartitions)
    }

    private func end(_ publisher: Publisher, _ topicPartitions: Int32) throws {
        let window = source.windowMillis
        let boundary = ((publisher.totals.last ?? 0) / window + 2) * window
        let mark = boundary + latenessMillis
        try publisher.mark(completeThrough: mark, topic: 0, topicPartitions: topicPartitions)
        try publisher.mark(completeThrough: mark, topic: 1, topicPartitions: 1)
        try publisher.finish()
        state.withLock { $0 = (publisher.totals.records, boundary) }
    }
}
