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

// These stand outside the generic stage: what is nested in a generic type costs a look-up per use.

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

/// Two inputs that change the same state have no order between them; a copy in the other's log gives them
/// one, so that the state is the fold of one log, whoever folds it and when.
public struct Relay: Sendable {
    /// The input that is copied.
    public var input: Int
    /// The input it is copied into, with the same key and value.
    public var target: Int
    /// The header that tells copies from the target's own records. Another one, named like it but with
    /// `-offset` at the end, says where the record was.
    public var header: Header

    /// Copies one input into another.
    public init(input: Int, target: Int, header: Header) {
        self.input = input
        self.target = target
        self.header = header
    }
}

/// A compacted topic with as many topic partitions as the inputs.
public struct SnapshotTopic: Sendable {
    /// The topic.
    public var topic: String
    /// Of everything that determines what the state means. State of another one is refused.
    public var fingerprint: UInt64
    /// Whether every commit is a snapshot: for small state whose inputs have no order between them.
    public var everyCommit: Bool

    /// Keeps snapshots in `topic`.
    public init(topic: String, fingerprint: UInt64, everyCommit: Bool = false) {
        self.topic = topic
        self.fingerprint = fingerprint
        self.everyCommit = everyCommit
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
    /// An input whose records are logged into another one before anybody acts on them.
    public var relay: Relay?
    /// Where the stage's state goes; nil: a restore folds the input from the oldest record.
    public var snapshots: SnapshotTopic?
    /// Makes the processor of a task.
    public var make: @Sendable (TaskPlace) -> P

    /// Describes a stage.
    public init(
        name: String, inputs: [String], outputs: [String], coPartitionedOutputs: [String] = [],
        idleMark: IdleMark? = nil, relay: Relay? = nil, snapshots: SnapshotTopic? = nil,
        make: @escaping @Sendable (TaskPlace) -> P
    ) {
        self.name = name
        self.inputs = inputs
        self.outputs = outputs
        self.coPartitionedOutputs = coPartitionedOutputs
        self.idleMark = idleMark
        self.relay = relay
        self.snapshots = snapshots
        self.make = make
    }
}
