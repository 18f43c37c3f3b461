internal import Kafka

/// Saving the state of tasks.
extension Worker {
    /// Puts the state of what is due into the next transaction. Answers the offsets that must go with it, so
    /// that whoever lost its topic partitions cannot save their state any more.
    ///
    /// One task at a time, unless its stage wants more: that bounds what a transaction has to carry.
    func takeSnapshots(_ now: ContinuousClock.Instant) -> [TopicPartition: OffsetAndMetadata] {
        guard let snapshots = stage.snapshots else { return [:] }
        var offsets: [TopicPartition: OffsetAndMetadata] = [:]
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
                let state = slot.inputs[input]
                offsets[TopicPartition(topic, slot.number)] = OffsetAndMetadata(
                    max(state.position, state.liveFrom), metadata: state.committedMark.text)
            }
        }
        return offsets
    }

    private func isDue(
        _ slot: TaskSlot<P>, _ snapshots: SnapshotTopic, _ now: ContinuousClock.Instant
    ) -> Bool {
        // Before a task is live its state is older than what is committed; it will do later.
        if slot.recordsSinceSnapshot == 0 || slot.restoring > 0 { return false }
        // The first one comes at once: if the input is deleted, with what groups have committed of it, the snapshot is
        // all that tells.
        if !slot.isRestored { return true }
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
            fingerprint: snapshots.fingerprint, taskCount: slot.count,
            positions: slot.inputs.map(\.position), marks: slot.inputs.map(\.mark), shared: writer.shared)
        writer.put(key: SnapshotKey.task, value: record.encode())
        slot.isRestored = true
        slot.recordsSinceSnapshot = 0
        slot.lastSnapshot = now
    }
}
