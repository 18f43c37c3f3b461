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

    /// Whether all offsets that groups ever committed are kept, for `commitHistory`. They grow without bound.
    public var keepsCommitHistory = true
    /// Makes the name of a member from what it begins with, its instance id or its client id. Without it
    /// members are counted; where strangers can reach the cluster, names ought not to be guessed.
    public var makeName: ((_ prefix: String) -> String)?
    /// Looks into encoded batches; without it they are not compacted.
    public var recoder: (any BatchRecoder)?
    /// Told of every change that must survive a restart, in order. Must not call the model.
    public var onChange: ((ClusterChange) -> Void)?

    var logs: [TopicPartition: PartitionLog] = [:]
    var topics: [String: Topic] = [:]
    var transactions: [String: Transaction] = [:]
    var markers: [PendingMarker] = []
    var endedTransactions = 0
    var groups: [String: ConsumerGroup] = [:]
    var changedGroups: Set<String> = []
    var nextProducerID: Int64 = 0
    var nextTopicNumber: Int64 = 0
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

    /// When something runs out next by itself; until then a driver may sleep. The time may have passed.
    public var nextDeadline: Int64? {
        let times = [
            markers.lazy.compactMap(\.due).min(), transactions.values.lazy.compactMap(\.deadline).min(),
            groups.values.lazy.compactMap(\.nextDeadline).min(),
        ]
        return times.compactMap(\.self).min()
    }

    private func expire() {
        // Whoever lives has sent its heartbeat before its session could run out.
        beat()
        deliverDueMarkers()
        expireTransactions()
        for name in groups.keys.sorted() {
            groups[name]?.expire(now: now)
            noteChange(of: name)
        }
    }

    private func beat() {
        processes.removeAll { $0.value == nil }
        for process in processes { process.value?.beat() }
    }

    /// From now on the process is asked for heartbeats whenever time moves on.
    func register(_ process: SimulatedProcess) { processes.append(Weak(process)) }

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
        if let known = try logs[place]?.admit(records.count, by: producer, sequence: sequence) {
            return known
        }
        let entries =
            logs[place]?.entries(
                records, by: producer, sequence: sequence, isTransactional: transactionalID != nil, now: now)
            ?? []
        append(entries, to: place)
        return entries.first?.offset ?? endOffset(place)
    }

    /// Produce, for one topic partition, of a batch that stays as it was encoded.
    @discardableResult
    public func produce(_ batch: EncodedBatch, to place: TopicPartition, transactionalID: String? = nil)
        throws(ErrorCode) -> Int64
    {
        // A log must not be held while it grows: it would be copied.
        guard logs[place] != nil, let settings = topics[place.topic]?.settings else {
            throw .unknownTopicOrPartition
        }
        if batch.bytes.count > settings.maxMessageBytes { throw .messageTooLarge }
        if batch.isTransactional, let producer = batch.producer {
            guard let transactionalID else { throw .invalidProducerIDMapping }
            try verify(.place(place), producer, transactionalID)
        }
        if let known = try logs[place]?.admit(batch.count, by: batch.producer, sequence: batch.sequence) {
            return known
        }
        guard let entry = logs[place]?.entry(batch, now: now, hasAppendTime: settings.usesAppendTime) else {
            throw .unknownTopicOrPartition
        }
        append([entry], to: place)
        return entry.offset
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

    /// ListOffsets by time: the first entry of which a record may be as late as `time`, in epoch milliseconds;
    /// it may hold earlier ones too. Nil if there is none.
    public func entry(at time: Int64, in place: TopicPartition, readsCommitted: Bool = false)
        throws(ErrorCode) -> LogEntry?
    {
        guard let log = logs[place] else { throw .unknownTopicOrPartition }
        let limit = readsCommitted ? log.lastStableOffset : log.end
        return log.entries.first { $0.timestamp >= time && $0.offset < limit }
    }

    /// ListOffsets of the greatest time: the first entry that has it. Nil if there is none.
    public func newestEntry(in place: TopicPartition) throws(ErrorCode) -> LogEntry? {
        guard let log = logs[place] else { throw .unknownTopicOrPartition }
        guard let newest = log.entries.lazy.map(\.timestamp).max() else { return nil }
        return log.entries.first { $0.timestamp == newest }
    }

    /// DeleteRecords: forgets what is before `offset`, which may be the end at most.
    public func deleteRecords(_ place: TopicPartition, before offset: Int64) throws(ErrorCode) {
        guard let log = logs[place] else { throw .unknownTopicOrPartition }
        if offset > log.end { throw .offsetOutOfRange }
        if offset > log.start { make(.startMoved(place, to: offset)) }
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
    /// Offsets never change, and encoded batches stay.
    public func compact(_ place: TopicPartition, dropsTombstones: Bool = false, below limit: Int64 = .max) {
        guard let log = logs[place] else { return }
        let limit = min(limit, log.lastStableOffset)
        let rule = CompactionRule(tombstonesUntil: dropsTombstones ? .max : .min)
        guard let remaining = try? log.compacted(below: limit, rule, nil) else { return }
        make(.rewritten(place, below: limit, remaining))
    }

    /// All records that a reader of committed ones would see now.
    public func committedRecords(_ place: TopicPartition) -> [StoredRecord] {
        guard let log = logs[place] else { return [] }
        let answer = try? log.fetch(from: log.start, maximum: .max, readsCommitted: true)
        return answer?.records ?? []
    }

    /// What a broker does that loads its groups after its start: every member has a whole session again.
    public func restartSessions() { for name in groups.keys { groups[name]?.restartSessions(now) } }

    /// The earliest offset.
    public func startOffset(_ place: TopicPartition) -> Int64 { logs[place]?.start ?? 0 }

    /// The high watermark: the offset after the last entry.
    public func endOffset(_ place: TopicPartition) -> Int64 { logs[place]?.end ?? 0 }

    /// The first offset of the earliest open transaction, or the high watermark.
    public func lastStableOffset(_ place: TopicPartition) -> Int64 { logs[place]?.lastStableOffset ?? 0 }

    /// Bytes of all entries of a topic partition, about.
    public func size(of place: TopicPartition) -> Int64 { logs[place]?.size ?? 0 }

    // MARK: Names

    func makeProducerID() -> Int64 {
        let id = nextProducerID
        make(.nextProducerID(id + 1))
        return id
    }

    func makeMemberID(_ prefix: String) -> String {
        if let makeName { return makeName(prefix) }
        lastMemberNumber += 1
        return "\(prefix)-\(lastMemberNumber)"
    }
}

/// A reference that does not keep what it refers to.
struct Weak<Object: AnyObject> {
    weak var value: Object?

    init(_ value: Object) { self.value = value }
}
