internal import Kafka

/// One task: its processor, and how far each of its inputs is.
///
/// A class, so that a record reaches the processor without the processor being copied.
final class TaskSlot<P: Processor> {
    struct Input {
        /// The offset after the last record applied; 0 before any.
        var position: Int64 = 0
        /// Records below this were processed and committed before: they are applied in silence.
        var liveFrom: Int64 = 0
        /// What the last commit said.
        var committed: Int64 = 0
        /// Whether the end of the topic partition was seen after the last record.
        var isAtEnd = false
    }

    var inputs: [Input]
    var isAssigned: [Bool]
    var quietSince: ContinuousClock.Instant
    var idleMarkSent = false
    var processor: P

    init(processor: P, inputCount: Int, quietSince: ContinuousClock.Instant) {
        self.processor = processor
        inputs = Array(repeating: Input(), count: inputCount)
        isAssigned = Array(repeating: false, count: inputCount)
        self.quietSince = quietSince
    }

    /// Applies a record, unless it was applied before.
    func process(
        _ record: borrowing Record, input: Int, outputs: inout Outputs, now: ContinuousClock.Instant
    ) {
        let offset = record.offset
        guard offset >= inputs[input].position else { return }
        outputs.isLive = offset >= inputs[input].liveFrom
        processor.process(record, input: input, outputs: &outputs)
        inputs[input].position = offset + 1
        inputs[input].isAtEnd = false
        quietSince = now
        idleMarkSent = false
    }
}
