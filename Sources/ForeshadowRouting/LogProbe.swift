internal import Kafka
internal import Logging

/// Reads single records again, to see whether they are still the same.
struct LogProbe {
    let client: ClientConfiguration
    let logger: Logger

    /// How long the cluster may take for all of them.
    private static let timeout = Duration.seconds(10)
    private static let pollMilliseconds: Int32 = 100

    /// The first record at or after each offset; none where the log ends before there is one. Throws if the cluster does
    /// not tell in time.
    func records(at offsets: [TopicPartition: Int64]) throws(KafkaError) -> [TopicPartition: AppliedRecord] {
        if offsets.isEmpty { return [:] }
        let consumer = try Consumer(
            client.setting([
                "group.id": "foreshadow-follower", "auto.offset.reset": "error", "fetch.wait.max.ms": "50",
                // One batch of records is enough, and a broker sends at least one.
                "fetch.message.max.bytes": "1024", "queued.min.messages": "1",
            ]), logger: logger)
        do throws(KafkaError) {
            let found = try records(at: offsets, consumer)
            ClientDisposal.close(consumer)
            return found
        } catch {
            ClientDisposal.close(consumer)
            throw error
        }
    }

    private func records(at offsets: [TopicPartition: Int64], _ consumer: Consumer)
        throws(KafkaError) -> [TopicPartition: AppliedRecord]
    {
        try consumer.assign(offsets)
        var found: [TopicPartition: AppliedRecord] = [:]
        var waiting = Set(offsets.keys)
        let deadline = ContinuousClock.now + Self.timeout
        while !waiting.isEmpty {
            let batch = consumer.poll(maximum: 1_000, timeoutMilliseconds: Self.pollMilliseconds)
            var done: [TopicPartition] = []
            for i in 0..<batch.count {
                switch batch.event(at: i) {
                case .end(let place, _): if waiting.remove(place) != nil { done.append(place) }
                case .failure(let error): if !error.isRetriable { throw error }
                case nil:
                    let record = batch.record(at: i)
                    let place = TopicPartition(record.topic.name, record.partition)
                    guard waiting.remove(place) != nil else { continue }
                    done.append(place)
                    found[place] = AppliedRecord(
                        offset: record.offset, fingerprint: RecordFingerprint(record))
                }
            }
            try consumer.pause(done)
            if !waiting.isEmpty, ContinuousClock.now >= deadline {
                throw KafkaError(
                    code: -185,
                    reason: "records of \(waiting.count) topic partitions could not be read again",
                    remedy: .retry)
            }
        }
        return found
    }
}
