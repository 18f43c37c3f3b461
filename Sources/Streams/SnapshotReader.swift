package import Kafka

/// Gives tasks the state that the snapshot topic has of them.
///
/// Reads from the oldest record to the end, as far as transactions are decided, and takes over what comes, the
/// newer record of a key over the older.
package struct SnapshotReader<P: Processor> {
    /// How far a restore is.
    package struct Progress: Sendable {
        /// Entries taken over, older versions among them.
        package var entries = 0
        /// Bytes of state.
        package var bytes = 0
    }

    let stage: PipelineStage<P>
    let snapshots: SnapshotTopic
    let consumer: any StreamConsumer
    /// The transactional ids of who holds the tasks, as far as was said.
    private(set) var owners: [Int32: String] = [:]
    package private(set) var progress = Progress()
    /// How far the snapshot topic was read, by task.
    private(set) var ends: [Int32: Int64] = [:]
    private var slots: [Int32: TaskSlot<P>] = [:]
    private var records: [Int32: TaskRecord] = [:]

    /// `consumer` is not to be in any group.
    package init(stage: PipelineStage<P>, snapshots: SnapshotTopic, consumer: any StreamConsumer) {
        self.stage = stage
        self.snapshots = snapshots
        self.consumer = consumer
    }

    /// Restores fresh `tasks`. `isOver` is asked now and then; false if it said that it is of no more use.
    package mutating func restore(_ tasks: [TaskSlot<P>], isOver: (Progress) -> Bool) throws -> Bool {
        slots = Dictionary(uniqueKeysWithValues: tasks.map { ($0.number, $0) })
        records = [:]
        try consumer.assign(
            Dictionary(
                uniqueKeysWithValues: tasks.map { (TopicPartition(snapshots.topic, $0.number), Int64(0)) }))
        var open = Set(tasks.map(\.number))
        while !open.isEmpty {
            if isOver(progress) { return false }
            if let failure = consumer.fatalError { throw failure }
            let batch = consumer.poll(maximum: 1_000, timeoutMilliseconds: 100)
            try apply(batch, &open)
        }
        for (number, record) in records {
            guard let slot = slots[number] else { continue }
            try finish(slot, record)
        }
        return true
    }

    private mutating func apply(_ batch: borrowing MessageBatch, _ open: inout Set<Int32>) throws {
        for i in 0..<batch.count {
            switch batch.event(at: i) {
            case nil: try apply(batch.record(at: i))
            case .end(let place, let next):
                ends[place.partition] = next
                open.remove(place.partition)
            case .failure(let error): if !error.isRetriable { throw error }
            }
        }
    }

    private mutating func apply(_ record: borrowing Record) throws {
        guard let slot = slots[record.partition], let key = record.key, key.byteCount > 0 else { return }
        if key.unsafeLoad(as: UInt8.self) == SnapshotKey.entryPrefix {
            progress.entries += 1
            progress.bytes += record.value?.byteCount ?? 0
            try slot.processor.restore(entry: key.extracting(1..<key.byteCount), state: record.value)
        } else if let value = record.value {
            switch key.withUnsafeBytes({ String(decoding: $0, as: UTF8.self) }) {
            case SnapshotKey.task:
                records[record.partition] = try TaskRecord(decoding: value)
            case SnapshotKey.owner:
                owners[record.partition] = value.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            default: break
            }
        }
    }

    private func finish(_ slot: TaskSlot<P>, _ record: TaskRecord) throws {
        if record.fingerprint != snapshots.fingerprint {
            throw SnapshotFailure.otherConfiguration(
                "fingerprint \(record.fingerprint), not \(snapshots.fingerprint)")
        }
        if record.positions.count != slot.inputs.count {
            throw SnapshotFailure.otherConfiguration(
                "\(record.positions.count) inputs, not \(slot.inputs.count)")
        }
        if let count = record.taskCount, count != slot.count {
            throw StageFailure.topicPartitionsChanged(stage.inputs[0], from: count, to: slot.count)
        }
        try slot.processor.restore(shared: record.shared.span.bytes)
        for (input, position) in record.positions.enumerated() {
            slot.inputs[input].position = position
            slot.inputs[input].mark = record.marks[input] ?? LogMark(origin: 0)
        }
        slot.isRestored = true
    }
}
