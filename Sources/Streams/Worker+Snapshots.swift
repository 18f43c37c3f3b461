internal import Kafka

/// Saving the state of tasks.
extension Worker {
    /// Puts the state of what is due into the next transaction. Answers the offsets that must go with it, so
    /// that whoever lost its topic partitions cannot save their state any more.
    ///
    /// One task at a time, unless its stage wants more: that bounds what a transaction has to carry.
    func takeSnapshots(_ now: ContinuousClock.Instant) -> [TopicPartition: Int64] {
        guard let snapshots = stage.snapshots else { return [:] }
        var offsets: [TopicPartition: Int64] = [:]
        var isRoom = true
        for slot in tasks.present where slot.isAssigned.contains(true) {
            let isDue = (isRoom || snapshots.everyCommit) && isDue(slot, snapshots, now)
            if slot.isOwnerKnown && !isDue { continue }
            var writer = SnapshotWriter(pending.snapshots, partition: slot.number)
            if isDue {
                isRoom = false
                save(slot, snapshots, now, into: &writer)
            }
            if !slot.isOwnerKnown {
                writer.put(key: SnapshotKey.owner, value: Array(client.utf8))
                slot.isOwnerKnown = true
            }
            pending.snapshots = writer.records
            for (input, topic) in stage.inputs.enumerated() where slot.isAssigned[input] {
                offsets[TopicPartition(topic, slot.number)] = max(
                    slot.inputs[input].position, slot.inputs[input].liveFrom)
            }
        }
        return offsets
    }

    private func isDue(
        _ slot: TaskSlot<P>, _ snapshots: SnapshotTopic, _ now: ContinuousClock.Instant
    ) -> Bool {
        // Before a task is live its state is older than what is committed; it will do later.
        if slot.recordsSinceSnapshot == 0 || slot.restoring > 0 { return false }
        return snapshots.everyCommit || slot.recordsSinceSnapshot >= configuration.snapshotRecords
            || slot.processor.changedEntries >= configuration.snapshotEntries
            || now - slot.lastSnapshot >= .milliseconds(configuration.snapshotIntervalMilliseconds)
    }

    private func save(
        _ slot: TaskSlot<P>, _ snapshots: SnapshotTopic, _ now: ContinuousClock.Instant,
        into writer: inout SnapshotWriter
    ) {
        slot.processor.save(into: &writer)
        let record = TaskRecord(
            fingerprint: snapshots.fingerprint, positions: slot.inputs.map(\.position), shared: writer.shared)
        writer.put(key: SnapshotKey.task, value: record.encode())
        slot.recordsSinceSnapshot = 0
        slot.lastSnapshot = now
    }
}
