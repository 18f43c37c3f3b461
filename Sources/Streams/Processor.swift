public import Kafka

/// What a stage does with records: a fold over its input that may put out records.
///
/// One value per task (the topic partitions of one number over all inputs of the stage). It sees no clock, no
/// consumer and no producer, so that the same input gives the same state and the same outputs, live or when
/// its state is restored.
///
/// Its state is a set of entries by key (customers, say) and what they share. At intervals the entries that
/// changed go to the stage's snapshot topic; a restore gives them back, then folds the input that came after.
public protocol Processor: SendableMetatype {
    /// What it tells about itself, for progress displays and metrics.
    associatedtype Report: Sendable

    /// Applies one record of input number `input` (its place in the stage's inputs).
    mutating func process(_ record: borrowing Record, input: Int, outputs: inout Outputs)

    /// Whether the newest thing it was told is that its input is idle.
    var isIdle: Bool { get }

    /// What to tell now.
    var report: Report { get }

    /// How many entries changed since the last snapshot.
    var changedEntries: Int { get }

    /// Puts every entry that changed since the last call into `snapshot`, and what they share.
    mutating func save(into snapshot: inout SnapshotWriter)

    /// Takes an entry over; without `state` it is gone. Older states of a key may come before newer ones.
    mutating func restore(entry key: RawSpan, state: RawSpan?) throws(SnapshotFailure)

    /// Takes over what the entries share: the last step of a restore.
    mutating func restore(shared state: RawSpan) throws(SnapshotFailure)
}

/// A processor whose stage has no snapshot topic is restored by folding its input from the oldest record.
extension Processor {
    /// None.
    public var changedEntries: Int { 0 }
    /// Nothing to save.
    public mutating func save(into snapshot: inout SnapshotWriter) {}
    /// There are no entries.
    public mutating func restore(entry key: RawSpan, state: RawSpan?) throws(SnapshotFailure) {}
    /// Nothing is shared.
    public mutating func restore(shared state: RawSpan) throws(SnapshotFailure) {}
}

/// Where a processor puts its records. While a task restores its state they go nowhere, because they were
/// committed before.
public struct Outputs: Sendable {
    package var buffer: RecordBuffer
    /// Whether they go anywhere.
    package var isLive = true

    /// Room for records to `topics`, by number.
    public init(topics: [String]) {
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
