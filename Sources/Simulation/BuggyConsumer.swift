internal import Kafka

/// A consumer that behaves as librdkafka's does without the care that `Consumer` takes.
final class BuggyConsumer: StreamConsumer {
    let consumer: any StreamConsumer
    private let bug: PlantedBug
    private let hang: () -> Void
    private var isAnswerDue = false
    private var isNewlyAssigned = false

    /// `hang` is told when a call is made that would never return.
    init(_ consumer: any StreamConsumer, _ bug: PlantedBug, hang: @escaping () -> Void) {
        self.consumer = consumer
        self.bug = bug
        self.hang = hang
    }

    func takeRebalance() -> Rebalance? {
        let rebalance = consumer.takeRebalance()
        if rebalance != nil { isAnswerDue = true }
        return rebalance
    }

    func accept(_ rebalance: Rebalance, startingAt offsets: [TopicPartition: Int64]) throws(KafkaError) {
        isAnswerDue = false
        isNewlyAssigned = true
        try consumer.accept(rebalance, startingAt: offsets)
    }

    func resume(_ places: [TopicPartition]) throws(KafkaError) {
        if bug == .pausedForGood, isNewlyAssigned { return }
        try consumer.resume(places)
    }

    func close(leavesGroup: Bool) {
        if bug == .endsWithoutAnswer, isAnswerDue { return hang() }
        consumer.close(leavesGroup: leavesGroup)
    }

    func poll(maximum: Int, timeoutMilliseconds: Int32) -> MessageBatch {
        isNewlyAssigned = false
        return consumer.poll(maximum: maximum, timeoutMilliseconds: timeoutMilliseconds)
    }

    func subscribe(to topics: [String]) throws(KafkaError) { try consumer.subscribe(to: topics) }

    func assign(_ offsets: [TopicPartition: Int64]) throws(KafkaError) { try consumer.assign(offsets) }

    func committed(_ places: [TopicPartition], timeoutMilliseconds: Int32) throws(KafkaError)
        -> [TopicPartition: OffsetAndMetadata]
    {
        try consumer.committed(places, timeoutMilliseconds: timeoutMilliseconds)
    }

    func commit(_ offsets: [TopicPartition: OffsetAndMetadata], timeoutMilliseconds: Int32)
        throws(KafkaError)
    {
        try consumer.commit(offsets, timeoutMilliseconds: timeoutMilliseconds)
    }

    func logRange(of place: TopicPartition, timeoutMilliseconds: Int32) throws(KafkaError) -> Range<Int64> {
        try consumer.logRange(of: place, timeoutMilliseconds: timeoutMilliseconds)
    }

    func pause(_ places: [TopicPartition]) throws(KafkaError) { try consumer.pause(places) }

    var fatalError: KafkaError? { consumer.fatalError }
}
