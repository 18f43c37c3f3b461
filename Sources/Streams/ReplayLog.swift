public import Kafka

/// The records of one topic partition between two offsets, one at a time, in their order.
///
/// Only one batch is held, whatever the span. Uses its consumer outside of any group.
public final class ReplayLog {
    /// What is read.
    public let place: TopicPartition
    /// From where to where.
    public let span: Range<Int64>
    /// The offset after the last record that was consumed; at the end, the end.
    public private(set) var position: Int64

    private let consumer: any StreamConsumer
    private let cluster: any Cluster
    private var batch: MessageBatch
    private var index = 0
    private var isOver: Bool

    /// Records taken from the cluster at once.
    private static let batchRecords = 1_000
    /// Without a record for this long, reading is given up.
    private static let patience = Duration.seconds(60)

    /// Opens `place`; reads nothing yet.
    public init(_ place: TopicPartition, span: Range<Int64>, cluster: any Cluster) throws(KafkaError) {
        self.place = place
        self.span = span
        self.cluster = cluster
        position = span.lowerBound
        isOver = span.isEmpty
        batch = MessageBatch([], topics: [])
        consumer = try cluster.makeConsumer(group: "foreshadow-replay", client: "replay-\(place)")
        if !isOver { try consumer.assign([place: span.lowerBound]) }
    }

    deinit {
        // A consumer does not end while records of it are held.
        batch = MessageBatch([], topics: [])
        consumer.close()
    }

    /// Whether there is another record; waits for it. False at the end of the span.
    public func hasNext() throws(KafkaError) -> Bool {
        var deadline: ContinuousClock.Instant?
        while !isOver {
            while index < batch.count {
                switch batch.event(at: index) {
                case nil:
                    let offset = batch.record(at: index).offset
                    if offset >= span.upperBound { return end() }
                    if offset >= span.lowerBound { return true }
                case .end(_, let next): if next >= span.upperBound { return end() }
                case .failure(let error): if !error.isRetriable { throw error }
                }
                index += 1
            }
            index = 0
            batch = consumer.poll(maximum: Self.batchRecords, timeoutMilliseconds: 100)
            if batch.count > 0 { continue }
            if let failure = consumer.fatalError { throw failure }
            let limit = deadline ?? cluster.now + Self.patience
            deadline = limit
            if cluster.now >= limit { throw stalled }
        }
        return false
    }

    /// The next record, which must be there: `hasNext` says so. It stays the next one until `consume`.
    public func withNext<Result, Failure: Error>(
        _ body: (borrowing Record) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try Self.apply(body, batch, index)
    }

    private static func apply<Result, Failure: Error>(
        _ body: (borrowing Record) throws(Failure) -> Result, _ batch: borrowing MessageBatch, _ index: Int
    ) throws(Failure) -> Result {
        try body(batch.record(at: index))
    }

    /// Goes on to the record after the next.
    public func consume() {
        position = batch.record(at: index).offset + 1
        index += 1
    }

    /// Hands out the records to the end, or until `body` answers false. `progress` gets numbers of records now
    /// and then.
    public func forEach(
        _ progress: (Int64) -> Void, _ body: (borrowing Record) throws(KafkaError) -> Bool
    ) throws(KafkaError) {
        var count: Int64 = 0
        defer { progress(count) }
        while try hasNext() {
            guard try withNext(body) else { return }
            consume()
            count += 1
            if count == 1_000 {
                progress(count)
                count = 0
            }
        }
    }

    private func end() -> Bool {
        isOver = true
        position = span.upperBound
        return false
    }

    /// Readers of committed records see nothing beyond an open transaction.
    private var stalled: KafkaError {
        KafkaError(
            code: -185,  // librdkafka's _TIMED_OUT
            reason: "\(place) gives nothing between \(position) and \(span.upperBound): a transaction may be "
                + "open there, or the brokers do not answer", remedy: .retry)
    }
}
