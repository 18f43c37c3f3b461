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

    /// Applies a record; records below `liveFrom` in silence.
    mutating func process(
        _ record: borrowing Record, input: Int, outputs: inout Outputs, now: ContinuousClock.Instant
    ) {
        let number = Int(record.partition)
        guard number < slots.count, let slot = slots[number] else { return }
        slot.process(record, input: input, outputs: &outputs, now: now)
    }

    /// The end of a topic partition was reached. Offsets before `next` that hold no records (a transaction's
    /// control records) count as read.
    mutating func reachedEnd(_ number: Int, input: Int, next: Int64) {
        guard number < slots.count, let slot = slots[number] else { return }
        slot.inputs[input].isAtEnd = true
        slot.inputs[input].position = max(slot.inputs[input].position, next)
    }

    /// Takes over a topic partition of which `committed` was processed before; answers where to start reading.
    mutating func assign(_ number: Int, input: Int, committed: Int64, now: ContinuousClock.Instant) -> Int64 {
        if let slot = slots[number], slot.inputs[input].position > committed {
            slots[number] = nil
        }
        let slot =
            slots[number]
            ?? TaskSlot(
                processor: stage.make(TaskPlace(number: Int32(number), count: taskCount)),
                inputCount: stage.inputs.count, quietSince: now)
        slot.inputs[input].liveFrom = committed
        slot.inputs[input].committed = committed
        slot.isAssigned[input] = true
        slots[number] = slot
        return slot.inputs[input].position
    }

    /// Gives a topic partition away. The state is kept in case it comes back.
    mutating func revoke(_ number: Int, input: Int) {
        slots[number]?.isAssigned[input] = false
    }

    /// Forgets what an assignment did not give back.
    mutating func dropUnassigned() {
        for number in slots.indices where slots[number]?.isAssigned.contains(true) == false {
            slots[number] = nil
        }
    }

    /// What is to be committed: positions past the last commit.
    func uncommitted() -> [TopicPartition: Int64] {
        var result: [TopicPartition: Int64] = [:]
        for (number, slot) in slots.enumerated() {
            guard let slot else { continue }
            for (input, state) in slot.inputs.enumerated()
            where slot.isAssigned[input] && state.position > max(state.committed, state.liveFrom) {
                result[TopicPartition(stage.inputs[input], Int32(number))] = state.position
            }
        }
        return result
    }

    /// All positions are committed now.
    mutating func markCommitted() {
        for number in slots.indices {
            for input in stage.inputs.indices {
                if let position = slots[number]?.inputs[input].position {
                    slots[number]?.inputs[input].committed = position
                }
            }
        }
    }

    /// The tasks whose watched input has been silent since before `deadline`, once for each silence.
    mutating func takeIdle(since deadline: ContinuousClock.Instant, input: Int) -> [Int32] {
        var result: [Int32] = []
        for number in slots.indices {
            guard let slot = slots[number], slot.isAssigned[input], slot.inputs[input].isAtEnd else {
                continue
            }
            if slot.quietSince > deadline || slot.idleMarkSent || slot.processor.isIdle { continue }
            slot.idleMarkSent = true
            result.append(Int32(number))
        }
        return result
    }

    /// How many records are still to be applied in silence.
    var restoring: Int64 {
        slots.reduce(0) { sum, slot in
            sum
                + (slot?.inputs.reduce(0) { $0 + ($1.isAtEnd ? 0 : max(0, $1.liveFrom - $1.position)) } ?? 0)
        }
    }
}
