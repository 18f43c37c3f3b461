internal import Kafka

/// How far a task is in one of its inputs.
package struct TaskInput {
    /// The offset after the last record applied; 0 before any.
    package var position: Int64 = 0
    /// Records below this were processed and committed before: they are applied in silence.
    var liveFrom: Int64 = 0
    /// What the last commit said.
    var committed: Int64 = 0
    /// Records from here on are left alone.
    var limit = Int64.max
    /// Whether the end of the topic partition was seen after the last record.
    var isAtEnd = false
    /// Which log the position is in.
    var mark = LogMark(origin: 0)
    /// Which log `committed` is in, as far as it was told when the topic partition was taken over.
    var takenOverMark: LogMark?

    /// Which log what is committed next is in: while records are folded in silence, what was committed stays ahead.
    var committedMark: LogMark { position < liveFrom ? takenOverMark ?? mark : mark }
}

/// One task: its processor, and how far each of its inputs is.
///
/// A class, so that a record reaches the processor without the processor being copied.
package final class TaskSlot<P: Processor> {
    let number: Int32
    /// How many tasks there are.
    let count: Int32
    package var inputs: [TaskInput]
    var isAssigned: [Bool]
    var quietSince: ContinuousClock.Instant
    var idleMarkSent = false
    /// Records applied since the last snapshot.
    var recordsSinceSnapshot = 0
    var lastSnapshot: ContinuousClock.Instant
    /// Whether there is a snapshot of the task: it was restored from one, or has saved one.
    var isRestored = false
    /// Whether the snapshot topic says who holds the task.
    var isOwnerKnown = false
    package var processor: P

    package init(_ place: TaskPlace, of stage: PipelineStage<P>, now: ContinuousClock.Instant) {
        number = place.number
        count = place.count
        processor = stage.make(place)
        inputs = Array(repeating: TaskInput(), count: stage.inputs.count)
        isAssigned = Array(repeating: false, count: stage.inputs.count)
        quietSince = now
        lastSnapshot = now
    }

    /// Applies a record, unless it was applied before.
    func process(
        _ record: borrowing Record, input: Int, outputs: inout Outputs, now: ContinuousClock.Instant
    ) {
        let offset = record.offset
        guard offset >= inputs[input].position, offset < inputs[input].limit else { return }
        outputs.isLive = offset >= inputs[input].liveFrom
        processor.process(record, input: input, outputs: &outputs)
        applied(offset, input: input, now: now)
        recordsSinceSnapshot += 1
        idleMarkSent = false
    }

    /// Goes on at `offset` of a log whose records before it are not part of the state.
    func begin(input: Int, at offset: Int64, origin: Int64) {
        inputs[input].position = offset
        inputs[input].mark = LogMark(origin: origin)
        inputs[input].isAtEnd = false
    }

    /// Notes which record was the last of its input; once a batch.
    func note(last record: borrowing Record, input: Int) {
        guard record.offset == inputs[input].position - 1 else { return }
        inputs[input].mark.last = .init(offset: record.offset, fingerprint: RecordFingerprint(record))
    }

    /// Notes that the input ends before `next` for now. Offsets that hold no records (a transaction's control
    /// records) count as read.
    func reachedEnd(input: Int, next: Int64) {
        inputs[input].isAtEnd = true
        inputs[input].position = max(inputs[input].position, min(next, inputs[input].limit))
    }

    /// Notes a record as read.
    func applied(_ offset: Int64, input: Int, now: ContinuousClock.Instant) {
        inputs[input].position = offset + 1
        inputs[input].isAtEnd = false
        quietSince = now
    }

    /// Whether the state is the fold of more input than was committed.
    func isAhead(of committed: [Int64]) -> Bool {
        zip(inputs, committed).contains { $0.position > $1 }
    }

    /// How many records are still to be applied in silence.
    var restoring: Int64 {
        inputs.reduce(0) { $0 + ($1.isAtEnd ? 0 : max(0, $1.liveFrom - $1.position)) }
    }
}
