public import Kafka

/// One task of a stage on its own: records in, and what they lead to handed on at once. No cluster, no clock.
public struct ReplayFold<P: Processor> {
    /// The processor, with the state it has now.
    public private(set) var processor: P
    private var outputs: Outputs
    private let names: [StoredTopic]

    /// A task that knows nothing yet.
    public init(_ stage: PipelineStage<P>, task: TaskPlace) {
        processor = stage.make(task)
        outputs = Outputs(topics: stage.outputs)
        names = stage.outputs.map { StoredTopic($0) }
    }

    /// Applies a record of input number `input`. `body` gets each record put out and the number of its output;
    /// it has the publishing time of the record that led to it.
    public mutating func apply<Failure: Error>(
        _ record: borrowing Record, input: Int,
        _ body: (_ output: Int, borrowing Record) throws(Failure) -> Void
    ) throws(Failure) {
        processor.process(record, input: input, outputs: &outputs)
        if outputs.buffer.isEmpty { return }
        defer { outputs.buffer.removeAll() }
        try outputs.buffer.forEach(names: names, timestamp: record.timestamp, body)
    }
}
