public import Kafka

/// A Kafka cluster as a pure model: topics, transactions and consumer groups, and no thread, no clock and no
/// chance of its own.
///
/// Its operations are Kafka's requests, and they answer what Kafka 3.9 answers. None waits: a request that a
/// broker would hold back says so, and is to be made again. Time is a number that the driver moves on.
public final class ClusterModel {
    /// Now, in milliseconds.
    public private(set) var now: Int64 = 0
    /// Whether the markers of a transaction take their time to reach the topic partitions, as they do in real
    /// clusters, or are there at once.
    public var delaysMarkers = false
    /// With delayed markers, the milliseconds after which the first one of a transaction arrives; the second
    /// takes twice as long, and so on.
    public var markerDelay: Int64 = 50
    /// Whether a member that does not know its new share yet gets REBALANCE_IN_PROGRESS when it commits
    /// offsets in a transaction. Kafka 3.9 says so only outside of transactions; clients must cope with both.
    public var refusesOffsetsWhileSharingOut = true

    var logs: [TopicPartition: PartitionLog] = [:]
    var transactions: [String: Transaction] = [:]
    var markers: [PendingMarker] = []
    var endedTransactions = 0
    var groups: [String: ConsumerGroup] = [:]
    private var topics: [String: (count: Int32, stored: StoredTopic)] = [:]
    private var lastProducerID: Int64 = -1
    private var lastMemberNumber = 0
    private var processes: [Weak<SimulatedProcess>] = []

    /// An empty cluster.
    public init() {}

    // MARK: Time

    /// Moves time on by so many milliseconds.
    public func advance(by milliseconds: Int64) { advance(to: now + milliseconds) }

    /// Moves time on. What runs out meanwhile does so at its time: sessions, rebalances, transactions and the
    /// delays of markers.
    public func advance(to time: Int64) {
        while let next = nextDeadline, next <= time {
            now = max(now, next)
            expire()
        }
        now = max(now, time)
        beat()
    }

    private var nextDeadline: Int64? {
        let markerTimes = markers.compactMap(\.due)
        let transactionTimes = transactions.values.compactMap(\.deadline)
        return (markerTimes + transactionTimes + groups.values.compactMap(\.nextDeadline)).min()
    }

    private func expire() {
        // Whoever lives has sent its heartbeat before its session could run out.
        beat()
        deliverDueMarkers()
        expireTransactions()
        for name in groups.keys.sorted() { groups[name]?.expire(now: now) }
    }

    private func beat() {
        processes.removeAll { $0.value == nil }
        for process in processes { process.value?.beat() }
    }

    /// From now on the process is asked for heartbeats whenever time moves on.
    func register(_ process: SimulatedProcess) { processes.append(Weak(process)) }

    // MARK: Topics

    /// Creates a topic. One that is there already stays as it is.
    public func createTopic(_ name: String, topicPartitions: Int32) {
        if topics[name] != nil { return }
        topics[name] = (topicPartitions, StoredTopic(name))
        for number in 0..<topicPartitions {
            let place = TopicPartition(name, number)
            logs[place] = PartitionLog(place)
        }
    }

    /// How many topic partitions each topic has.
    public var topicPartitionCounts: [String: Int32] { topics.mapValues(\.count) }

    /// The topics that records name; kept as long as the model.
    var storedTopics: [StoredTopic] { topics.values.map(\.stored) }

    // MARK: Requests about records

    /// Produce, for one topic partition: answers the offset of the batch.
    ///
    /// A batch of an idempotent producer has a sequence number; one that comes again is acknowledged and not
    /// appended. In a transaction the topic partition must have been added to it.
    @discardableResult
    public func produce(
        _ records: [StoredRecord], to place: TopicPartition, by producer: ProducerIdentity? = nil,
        sequence: Int32 = -1, transactionalID: String? = nil
    ) throws(ErrorCode) -> Int64 {
        if logs[place] == nil { throw .unknownTopicOrPartition }
        if let transactionalID, let producer { try verify(.place(place), producer, transactionalID) }
        return try logs[place]?.append(
            records, by: producer, sequence: sequence, isTransactional: transactionalID != nil, now: now) ?? 0
    }

    /// Produce, for one topic partition, of a batch that stays as it was encoded.
    @discardableResult
    public func produce(_ batch: EncodedBatch, to place: TopicPartition, transactionalID: String? = nil)
        throws(ErrorCode) -> Int64
    {
        if logs[place] == nil { throw .unknownTopicOrPartition }
        if batch.isTransactional, let producer = batch.producer {
            guard let transactionalID else { throw .invalidProducerIDMapping }
            try verify(.place(place), producer, transactionalID)
        }
        return try logs[place]?.append(batch) ?? 0
    }

    /// Fetch, for one topic partition.
    public func fetch(
        _ place: TopicPartition, from offset: Int64, maximum: Int = .max, maximumBytes: Int = .max,
        readsCommitted: Bool
    ) throws(ErrorCode) -> FetchAnswer {
        guard let log = logs[place] else { throw .unknownTopicOrPartition }
        return try log.fetch(
            from: offset, maximum: maximum, maximumBytes: maximumBytes, readsCommitted: readsCommitted)
    }

    /// DeleteRecords: forgets what is before `offset`.
    public func deleteRecords(_ place: TopicPartition, before offset: Int64) throws(ErrorCode) {
        if logs[place] == nil { throw .unknownTopicOrPartition }
        logs[place]?.deleteRecords(before: offset)
    }

    // MARK: What only drivers ask for

    /// Appends a record as a plain producer would, to a topic partition that exists.
    @discardableResult
    public func append(
        _ place: TopicPartition, key: [UInt8]?, value: [UInt8]?, headers: [Header] = []
    ) -> Int64 {
        let record = StoredRecord(place: place, offset: 0, key: key, value: value, headers: headers)
        guard let offset = try? produce([record], to: place) else {
            preconditionFailure("there is no \(place)")
        }
        return offset
    }

    /// Compacts one topic partition: of the decided records below `limit` the newest of each key stays.
    /// Offsets never change.
    public func compact(_ place: TopicPartition, dropsTombstones: Bool = false, below limit: Int64 = .max) {
        logs[place]?.compact(below: limit, dropsTombstones: dropsTombstones)
    }

    /// All records that a reader of committed ones would see now.
    public func committedRecords(_ place: TopicPartition) -> [StoredRecord] {
        guard let log = logs[place] else { return [] }
        let answer = try? log.fetch(from: log.start, maximum: .max, readsCommitted: true)
        return answer?.records ?? []
    }

    /// The earliest offset.
    public func startOffset(_ place: TopicPartition) -> Int64 { logs[place]?.start ?? 0 }

    /// The high watermark: the offset after the last entry.
    public func endOffset(_ place: TopicPartition) -> Int64 { logs[place]?.end ?? 0 }

    /// The first offset of the earliest open transaction, or the high watermark.
    public func lastStableOffset(_ place: TopicPartition) -> Int64 { logs[place]?.lastStableOffset ?? 0 }

    // MARK: Names

    func makeProducerID() -> Int64 {
        lastProducerID += 1
        return lastProducerID
    }

    func makeMemberID(_ clientID: String) -> String {
        lastMemberNumber += 1
        return "\(clientID)-\(lastMemberNumber)"
    }
}

/// A reference that does not keep what it refers to.
struct Weak<Object: AnyObject> {
    weak var value: Object?

    init(_ value: Object) { self.value = value }
}
