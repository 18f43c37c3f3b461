package import Kafka
package import Logging
internal import Synchronization

/// Keeps copies of the tasks that other processes hold, so that taking one over needs only the tail of its
/// input.
///
/// A copy starts from the snapshots and folds the input as far as the group has committed it, never further:
/// a state that is ahead of what was committed is of no use to whoever goes on from there.
///
/// Has a thread of its own; the worker says which tasks it holds itself, and takes copies.
package final class StandbyFollower<P: Processor>: @unchecked Sendable {
    // Invariant: everything mutable is only touched with `lock` held, but for what is marked as the follower's
    // thread's own. A slot is reachable from one thread at a time: it is in `slots`, or with the worker that took it.
    private let lock = Mutex(())
    private var slots: [Int32: (slot: TaskSlot<P>, owner: String?)] = [:]
    private var held: Set<Int32>?
    private var isStopping = false

    private let stage: PipelineStage<P>
    private let snapshots: SnapshotTopic
    private let configuration: StreamConfiguration
    private let taskCount: Int32
    private let logger: Logger
    /// The follower's thread's own.
    private var consumer: (any StreamConsumer)?
    /// How far the snapshot topic was read, by task. The follower's thread's own.
    private var snapshotNext: [Int32: Int64] = [:]

    package init?(
        stage: PipelineStage<P>, configuration: StreamConfiguration, taskCount: Int32, logger: Logger
    ) {
        guard let snapshots = stage.snapshots, configuration.standbys > 0 else { return nil }
        self.stage = stage
        self.snapshots = snapshots
        self.configuration = configuration
        self.taskCount = taskCount
        self.logger = logger
    }

    /// A follower on a thread of its own; nil if none is asked for.
    static func start(
        stage: PipelineStage<P>, configuration: StreamConfiguration, taskCount: Int32, logger: Logger
    ) throws -> StandbyFollower? {
        let follower = StandbyFollower(
            stage: stage, configuration: configuration, taskCount: taskCount, logger: logger)
        guard let follower else { return nil }
        Task {
            try? await DedicatedThread.run(named: "\(stage.name)-standby") {
                follower.run(StageRunner.cluster(stage, configuration, logger))
            }
        }
        return follower
    }

    /// From now on all tasks but these are followed.
    package func follow(except held: Set<Int32>) { locked { self.held = held } }

    /// How many tasks are followed.
    package var count: Int {
        var count = 0
        locked { count = slots.count }
        return count
    }

    /// Hands a copy out, with the transactional id of whoever held the task.
    func take(_ number: Int32) -> (slot: TaskSlot<P>, owner: String?)? {
        var found: (slot: TaskSlot<P>, owner: String?)?
        locked { found = slots.removeValue(forKey: number) }
        return found
    }

    func stop() { locked { isStopping = true } }

    private func locked(_ body: () -> Void) { lock.withLock { _ in body() } }

    private var isOver: Bool {
        var isOver = false
        locked { isOver = isStopping }
        return isOver
    }

    private func run(_ cluster: any Cluster) {
        var backoff = Backoff(limitMilliseconds: configuration.restartBackoffMilliseconds)
        while !isOver {
            do {
                try step(cluster)
                let pause = cluster.now + .milliseconds(configuration.standbyIntervalMilliseconds)
                while cluster.now < pause, !isOver { cluster.wait(.milliseconds(50)) }
            } catch {
                logger.warning("following \(stage.name) starts anew: \(error)")
                drop()
                backoff.wait(cluster) { isOver }
            }
        }
        drop()
    }

    private func drop() {
        consumer?.close()
        consumer = nil
        snapshotNext = [:]
        locked { slots = [:] }
    }

    /// Catches up once.
    package func step(_ cluster: any Cluster) throws {
        var wanted: Set<Int32> = []
        locked {
            guard let held else { return }
            wanted = Set(0..<taskCount).subtracting(held)
            slots = slots.filter { wanted.contains($0.key) }
        }
        if wanted.isEmpty { return }
        let consumer = try self.consumer ?? makeConsumer(cluster)
        self.consumer = consumer
        try restore(wanted, consumer, cluster)
        try followSnapshots(consumer)
        try followInputs(consumer, cluster)
    }

    private func makeConsumer(_ cluster: any Cluster) throws -> any StreamConsumer {
        let group = configuration.groupPrefix + stage.name
        return try cluster.makeConsumer(group: group, client: "\(group)-\(configuration.instance)-standby")
    }

    private func restore(_ wanted: Set<Int32>, _ consumer: any StreamConsumer, _ cluster: any Cluster) throws
    {
        var missing = wanted
        locked { missing.subtract(slots.keys) }
        if missing.isEmpty { return }
        let fresh = missing.sorted().map { number in
            TaskSlot(TaskPlace(number: number, count: taskCount), of: stage, now: cluster.now)
        }
        var reader = SnapshotReader(stage: stage, snapshots: snapshots, consumer: consumer)
        guard try reader.restore(fresh, isOver: { _ in isOver }) else { return }
        snapshotNext.merge(reader.ends) { $1 }
        locked {
            for slot in fresh {
                for input in slot.inputs.indices { slot.inputs[input].liveFrom = .max }
                slots[slot.number] = (slot, reader.owners[slot.number])
            }
        }
        logger.info("following \(fresh.count) more tasks", metadata: ["stage": "\(stage.name)"])
    }

    /// What the holder has saved need not be saved again by whoever takes the copy.
    private func followSnapshots(_ consumer: any StreamConsumer) throws {
        var places: [TopicPartition: Int64] = [:]
        locked {
            for number in slots.keys {
                places[TopicPartition(snapshots.topic, number)] = snapshotNext[number] ?? 0
            }
        }
        try read(places, consumer) { record in
            snapshotNext[record.partition] = record.offset + 1
            guard let key = record.key, let value = record.value else { return }
            let name = key.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            if name == SnapshotKey.owner {
                slots[record.partition]?.owner = value.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            } else if name == SnapshotKey.task, let slot = slots[record.partition]?.slot {
                let saved = try TaskRecord(decoding: value)
                if saved.positions.count == slot.inputs.count,
                    zip(slot.inputs, saved.positions).allSatisfy({ $0.position <= $1 })
                {
                    var discarded = SnapshotWriter(
                        RecordBuffer(topics: [snapshots.topic]), partition: slot.number)
                    slot.processor.save(into: &discarded)
                }
            }
        }
    }

    private func followInputs(_ consumer: any StreamConsumer, _ cluster: any Cluster) throws {
        var places: [TopicPartition: Int64] = [:]
        locked {
            for (number, entry) in slots {
                for (input, topic) in stage.inputs.enumerated() where stage.relay?.input != input {
                    places[TopicPartition(topic, number)] = entry.slot.inputs[input].position
                }
            }
        }
        let timeout = Int32(configuration.requestTimeoutMilliseconds)
        let committed = try consumer.committed(places.keys.sorted(), timeoutMilliseconds: timeout).mapValues(
            \.offset)
        let behind = places.filter { (committed[$0.key] ?? 0) > $0.value }
        var outputs = Outputs(topics: [])
        let now = cluster.now
        try read(behind, consumer) { record in
            guard let slot = slots[record.partition]?.slot,
                let input = stage.inputs.firstIndex(of: record.topic.name),
                record.offset < committed[TopicPartition(stage.inputs[input], record.partition)] ?? 0
            else { return }
            slot.process(record, input: input, outputs: &outputs, now: now)
        }
        locked {
            // Offsets that hold no records count as read.
            for (place, offset) in committed {
                for (input, topic) in stage.inputs.enumerated() where topic == place.topic {
                    guard let slot = slots[place.partition]?.slot, behind[place] != nil else { continue }
                    slot.inputs[input].position = max(slot.inputs[input].position, offset)
                }
            }
        }
    }

    /// Reads these topic partitions to their present ends, with the lock held for each batch.
    private func read(
        _ places: [TopicPartition: Int64], _ consumer: any StreamConsumer,
        _ apply: (borrowing Record) throws -> Void
    ) throws {
        if places.isEmpty { return }
        try consumer.assign(places)
        var open = Set(places.keys)
        while !open.isEmpty, !isOver {
            if let failure = consumer.fatalError { throw failure }
            let batch = consumer.poll(maximum: configuration.batchRecords, timeoutMilliseconds: 100)
            var failure: (any Error)?
            locked {
                do {
                    for i in 0..<batch.count {
                        switch batch.event(at: i) {
                        case nil: try apply(batch.record(at: i))
                        case .end(let place, _): open.remove(place)
                        case .failure(let error): if !error.isRetriable { throw error }
                        }
                    }
                } catch { failure = error }
            }
            if let failure { throw failure }
        }
    }
}
