import Contracts
import Kafka
import Pipeline
import Streams
import Synchronization

/// Recorded topics in memory, to be read and tampered with: a cluster that can do nothing else.
final class ReplayStand: Cluster {
    private(set) var records: [TopicPartition: [StoredRecord]] = [:]
    /// Where topic partitions end, if that is after their last record.
    var ends: [TopicPartition: Int64] = [:]

    func append(
        _ place: TopicPartition, key: [UInt8]?, value: [UInt8]?, headers: [Header] = [], time: Int64? = nil
    ) {
        let offset = records[place]?.last.map { $0.offset + 1 } ?? 0
        records[place, default: []].append(
            StoredRecord(
                place: place, offset: offset, timestamp: time, key: key, value: value, headers: headers))
    }

    /// Changes the records of a topic partition, which then are numbered anew.
    func tamper(_ place: TopicPartition, _ change: (inout [StoredRecord]) -> Void) {
        var list = records[place] ?? []
        change(&list)
        for i in list.indices { list[i].offset = Int64(i) }
        records[place] = list
    }

    /// Takes records out and leaves their offsets empty, as compaction does.
    func compact(_ place: TopicPartition, _ isGone: (StoredRecord) -> Bool) {
        ends[place] = end(place)
        records[place]?.removeAll(where: isGone)
    }

    func end(_ place: TopicPartition) -> Int64 {
        ends[place] ?? records[place]?.last.map { $0.offset + 1 } ?? 0
    }

    /// All there is, and all of it processed.
    var bounds: ReplayBounds {
        var bounds = ReplayBounds()
        for place in records.keys {
            bounds.spans[place] = 0..<end(place)
            bounds.committed[place] = end(place)
        }
        return bounds
    }

    func makeConsumer(group: String, client: String, instance: String?) throws(KafkaError)
        -> any StreamConsumer
    {
        StandConsumer(self)
    }

    func makeProducer(client: String, transactionalID: String?) throws(KafkaError) -> any StreamProducer {
        throw KafkaError(code: -172, reason: "the stand is only read", remedy: .fix)
    }

    func topicPartitionCounts() throws(KafkaError) -> [String: Int32] { [:] }
    func clients(ofGroup group: String) throws(KafkaError) -> Set<String> { [] }
    var now: ContinuousClock.Instant { .now }
    func wait(_ duration: Duration) {}
}

private final class StandConsumer: StreamConsumer {
    private let stand: ReplayStand
    private var place = TopicPartition("", 0)
    private var next: Int64 = 0
    private var isDone = true
    private var topic = StoredTopic("")

    init(_ stand: ReplayStand) { self.stand = stand }

    func assign(_ offsets: [TopicPartition: Int64]) throws(KafkaError) {
        guard let (place, offset) = offsets.first else { return }
        self.place = place
        next = offset
        isDone = false
        topic = StoredTopic(place.topic)
    }

    func poll(maximum: Int, timeoutMilliseconds: Int32) -> MessageBatch {
        if isDone { return MessageBatch([], topics: []) }
        let found = (stand.records[place] ?? []).filter { $0.offset >= next }.prefix(maximum)
        var items: [BatchItem] = found.map { .record($0) }
        if case .record(let last) = items.last { next = last.offset + 1 }
        if items.count < maximum {
            items.append(.event(.end(place, next: stand.end(place))))
            isDone = true
        }
        return MessageBatch(items, topics: [topic])
    }

    func subscribe(to topics: [String]) throws(KafkaError) {}
    func takeRebalance() -> Rebalance? { nil }
    func accept(_ rebalance: Rebalance, startingAt offsets: [TopicPartition: Int64]) throws(KafkaError) {}
    func committed(_ places: [TopicPartition], timeoutMilliseconds: Int32) throws(KafkaError)
        -> [TopicPartition: OffsetAndMetadata]
    { [:] }
    func commit(_ offsets: [TopicPartition: OffsetAndMetadata], timeoutMilliseconds: Int32)
        throws(KafkaError)
    {}
    func logRange(of place: TopicPartition, timeoutMilliseconds: Int32) throws(KafkaError) -> Range<Int64> {
        0..<stand.end(place)
    }
    func pause(_ places: [TopicPartition]) throws(KafkaError) {}
    func resume(_ places: [TopicPartition]) throws(KafkaError) {}
    var fatalError: KafkaError? { nil }
    func close(leavesGroup: Bool) {}
}
