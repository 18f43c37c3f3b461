public import Contracts
public import Kafka
public import Streams

/// The state of one of the updater's tasks, read beside the live updater and without changing anything: its newest
/// snapshot and what `interactions` has brought since, to the end.
public struct UpdaterState {
    /// The task as it is after everything that was read.
    public let processor: UpdaterProcessor
    /// Interactions that are in no snapshot and gone from the topic. What they said is missing.
    public let missing: Range<Int64>?

    /// How far reading is.
    public enum Progress: Sendable {
        /// Entries of the snapshot taken over so far.
        case restored(entries: Int)
        /// More records of `interactions` were applied; so many there are in all.
        case applied(Int64, of: Int)
    }

    /// Reads the task that serves topic partition `place.number`, of which `interactions` keeps the offsets
    /// `kept`.
    ///
    /// Throws `SnapshotFailure` if the snapshot is of another configuration, and `KafkaError` if the cluster
    /// refuses or does not answer.
    public static func read(
        _ configuration: PipelineConfiguration, _ partitions: PartitionMap, _ topics: PipelineTopics,
        _ place: TaskPlace, kept: Range<Int64>, on cluster: any Cluster,
        progress: (Progress) -> Void = { _ in }
    ) throws -> UpdaterState {
        let stage = UpdaterProcessor.stage(configuration, partitions, topics)
        let slot = TaskSlot(place, of: stage, now: cluster.now)
        if let snapshots = stage.snapshots, try cluster.topicPartitionCounts()[snapshots.topic] != nil {
            let consumer = try cluster.makeConsumer(group: "foreshadow-explain", client: "explain")
            defer { consumer.close() }
            var reader = SnapshotReader(stage: stage, snapshots: snapshots, consumer: consumer)
            _ = try reader.restore([slot]) { restored in
                progress(.restored(entries: restored.entries))
                return false
            }
        }
        let position = slot.inputs[UpdaterProcessor.interactions].position
        let start = min(max(position, kept.lowerBound), kept.upperBound)
        let log = try ReplayLog(
            TopicPartition(stage.inputs[UpdaterProcessor.interactions], place.number),
            span: start..<kept.upperBound, cluster: cluster)
        var outputs = Outputs(topics: stage.outputs)
        outputs.isLive = false
        try log.forEach { count in
            progress(.applied(count, of: Int(kept.upperBound - start)))
        } _: { record throws(KafkaError) in
            slot.processor.process(record, input: UpdaterProcessor.interactions, outputs: &outputs)
            return true
        }
        return UpdaterState(
            processor: slot.processor, missing: position < start ? position..<start : nil)
    }
}
