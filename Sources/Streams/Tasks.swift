internal import Kafka

/// The tasks a worker holds, and how far each has read.
///
/// A task's state is the fold of its input up to its positions. That stays true across rebalances, aborts and
/// even other members' commits, so a task that comes back is only rebuilt if it is *ahead* of what was
/// committed: then its outputs in between were never committed and must be made again.
struct Tasks<P: Processor> {
    let stage: PipelineStage<P>
    let taskCount: Int32
    private(set) var slots: [TaskSlot<P>?]

    init(stage: PipelineStage<P>, taskCount: Int32) {
        self.stage = stage
        self.taskCount = taskCount
        slots = Array(repeating: nil, count: Int(taskCount))
    }

    /// The task of that number, if it is here.
    subscript(number: Int32) -> TaskSlot<P>? {
        get { number >= 0 && number < taskCount ? slots[Int(number)] : nil }
        set {
            precondition(number >= 0 && number < taskCount, "task \(number) of \(taskCount)")
            slots[Int(number)] = newValue
        }
    }

    /// The tasks that are here.
    var present: some Sequence<TaskSlot<P>> { slots.lazy.compactMap { $0 } }

    /// A task that knows nothing yet.
    func fresh(_ number: Int32, now: ContinuousClock.Instant) -> TaskSlot<P> {
        TaskSlot(TaskPlace(number: number, count: taskCount), of: stage, now: now)
    }

    /// Takes over a topic partition of a task that is here; `committed` of it was processed before. Answers
    /// where to start reading.
    mutating func assign(
        _ number: Int32, input: Int, committed: Int64?, now: ContinuousClock.Instant
    ) -> Int64 {
        guard let slot = self[number] else { return 0 }
        // Without a commit (offsets of a group that was gone for long are deleted) the snapshot knows best.
        let committed = committed ?? slot.inputs[input].position
        // What is copied on has no state: it goes on where it was.
        if stage.relay?.input == input { slot.inputs[input].position = committed }
        slot.inputs[input].liveFrom = committed
        slot.inputs[input].committed = committed
        slot.isAssigned[input] = true
        slot.quietSince = now
        return slot.inputs[input].position
    }

    /// Gives a topic partition away. The state is kept in case it comes back.
    mutating func revoke(_ number: Int32, input: Int) {
        self[number]?.isAssigned[input] = false
    }

    /// Forgets what an assignment did not give back.
    mutating func dropUnassigned() {
        for number in slots.indices where slots[number]?.isAssigned.contains(true) == false {
            slots[number] = nil
        }
    }

    /// The topic partitions held.
    var assigned: [TopicPartition] {
        present.flatMap { slot in
            stage.inputs.indices.filter { slot.isAssigned[$0] }.map {
                TopicPartition(stage.inputs[$0], slot.number)
            }
        }
    }

    /// What is to be committed: positions past the last commit.
    func uncommitted() -> [TopicPartition: OffsetAndMetadata] {
        var result: [TopicPartition: OffsetAndMetadata] = [:]
        for slot in present {
            for (input, state) in slot.inputs.enumerated()
            where slot.isAssigned[input] && state.position > max(state.committed, state.liveFrom) {
                result[TopicPartition(stage.inputs[input], slot.number)] = OffsetAndMetadata(
                    state.position, metadata: state.mark.text)
            }
        }
        return result
    }

    /// These positions are committed now.
    func markCommitted(_ offsets: [TopicPartition: OffsetAndMetadata]) {
        for slot in present {
            for (input, topic) in stage.inputs.enumerated() {
                if let committed = offsets[TopicPartition(topic, slot.number)] {
                    slot.inputs[input].committed = committed.offset
                }
            }
        }
    }

    /// The tasks whose watched input has been silent since before `deadline`, once for each silence.
    func takeIdle(since deadline: ContinuousClock.Instant, input: Int) -> [Int32] {
        var result: [Int32] = []
        for slot in present where slot.isAssigned[input] && slot.inputs[input].isAtEnd {
            if slot.quietSince > deadline || slot.idleMarkSent || slot.processor.isIdle { continue }
            slot.idleMarkSent = true
            result.append(slot.number)
        }
        return result
    }

    /// How many records are still to be applied in silence.
    var restoring: Int64 { present.reduce(0) { $0 + $1.restoring } }
}
