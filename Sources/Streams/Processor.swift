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
