public import Kafka

/// What a stage does with records: a fold over its input that may put out records.
///
/// One value per task (the topic partitions of one number over all inputs of the stage). It sees no clock, no
/// consumer and no producer, so that the same input gives the same state and the same outputs, live or when
/// its state is restored.
public protocol Processor: SendableMetatype {
    /// What it tells about itself, for progress displays and metrics.
    associatedtype Report: Sendable

    /// Applies one record of input number `input` (its place in the stage's inputs).
    mutating func process(_ record: borrowing Record, input: Int, outputs: inout Outputs)

    /// Whether the newest thing it was told is that its input is idle.
    var isIdle: Bool { get }

    /// What to tell now.
    var report: Report { get }
}

/// Where a processor puts its records. While a task restores its state they go nowhere, because they were
/// committed before.
public struct Outputs: Sendable {
    var buffer: RecordBuffer
    var isLive = true

    init(topics: [String]) {
        buffer = RecordBuffer(topics: topics)
    }

    /// Adds a record to output number `topic` of the stage.
    public mutating func append(
        topic: Int, partition: Int32, key: RawSpan?, value: RawSpan?,
        headers: @autoclosure () -> [Header] = []
    ) {
        if isLive {
            buffer.append(topic: topic, partition: partition, key: key, value: value, headers: headers())
        }
    }
}

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
public struct Stage<P: Processor>: Sendable {
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
