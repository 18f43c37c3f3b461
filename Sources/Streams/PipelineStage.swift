public import Kafka

/// Which task of a stage a processor serves.
public struct TaskPlace: Sendable, Hashable {
    /// The number of its topic partitions.
    public var number: Int32
    /// How many tasks the stage has.
    public var count: Int32

    /// Names a task.
    public init(number: Int32, count: Int32) {
        self.number = number
        self.count = count
    }
}

/// A stage of the pipeline: a processor per topic partition, between input and output topics.
public struct PipelineStage<P: Processor>: Sendable {
    /// Its name, which is also its consumer group.
    public var name: String
    /// The topics it reads. All have the same number of topic partitions.
    public var inputs: [String]
    /// The topics it writes.
    public var outputs: [String]
    /// The outputs that have as many topic partitions as the inputs, because task n writes to number n.
    public var coPartitionedOutputs: [String]
    /// The input into which silence is logged, as a record whose header says so, before anybody acts on it.
    public var idleMark: IdleMark?
    /// Makes the processor of a task.
    public var make: @Sendable (TaskPlace) -> P

    /// A record that says "idle".
    public struct IdleMark: Sendable {
        /// The input watched and written to.
        public var input: Int
        /// The header that says it.
        public var header: Header

        /// Watches an input.
        public init(input: Int, header: Header) {
            self.input = input
            self.header = header
        }
    }

    /// Describes a stage.
    public init(
        name: String, inputs: [String], outputs: [String], coPartitionedOutputs: [String] = [],
        idleMark: IdleMark? = nil, make: @escaping @Sendable (TaskPlace) -> P
    ) {
        self.name = name
        self.inputs = inputs
        self.outputs = outputs
        self.coPartitionedOutputs = coPartitionedOutputs
        self.idleMark = idleMark
        self.make = make
    }
}
