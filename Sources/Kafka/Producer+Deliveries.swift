internal import CRdkafka

/// What a producer does for a log of deliveries.
extension Producer {
    /// Makes room for records about to be given; answers the number of the first, if there is a log.
    func begin(_ run: Range<Int>) -> Int? { deliveries?.begin(run.count) }

    /// The handle of the topic that records of a buffer go to. Nil if they cannot go there at all, and a log of deliveries
    /// has taken note of that; without one this is thrown.
    func topic(
        of buffer: borrowing RecordBuffer, _ run: Range<Int>, until deadline: ContinuousClock.Instant
    ) throws(KafkaError) -> OpaquePointer? {
        // A look-up that takes long is tried again by the caller.
        let deadline = min(deadline, .now + .seconds(30))
        do throws(KafkaError) {
            return try topic(buffer.topics[Int(buffer.entries[run.lowerBound].topic)], until: deadline)
        } catch {
            guard let deliveries, DeliveryLog.refusals.contains(error.code) else { throw error }
            let first = deliveries.begin(run.count)
            for number in first..<first + run.count { deliveries.note(error, of: number) }
            return nil
        }
    }

    /// Notes that a message cannot be sent. False if nobody takes note of it.
    func note(_ message: rd_kafka_message_t, _ topic: OpaquePointer) -> Bool {
        guard let deliveries, let number = DeliveryLog.number(message._private) else { return false }
        deliveries.note(
            KafkaError(message.err, doing: "produce to \(String(cString: rd_kafka_topic_name(topic)))"),
            of: number)
        return true
    }
}
