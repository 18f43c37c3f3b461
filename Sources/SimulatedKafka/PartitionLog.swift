public import Kafka

/// Who writes: the id that a producer was given and how often its transactional id was taken over.
public struct ProducerIdentity: Sendable, Hashable {
    /// The producer id.
    public var id: Int64
    /// Its epoch; the greater fences the smaller.
    public var epoch: Int16

    /// Names a producer.
    public init(id: Int64, epoch: Int16) {
        self.id = id
        self.epoch = epoch
    }
}

/// One entry of a topic partition's log.
public struct LogEntry: Sendable, Equatable {
    /// What an entry may be.
    public enum Content: Sendable, Equatable {
        /// A record.
        case record(StoredRecord)
        /// Several records, as a client encoded them.
        case batch(EncodedBatch)
        /// The end of its producer's transaction in this topic partition.
        case marker(isCommit: Bool)
    }

    /// Its place; never changes.
    public var offset: Int64
    /// The last offset it takes up.
    public var last: Int64
    /// Who wrote it, if that is known.
    public var producer: ProducerIdentity?
    /// Whether it belongs to a transaction.
    public var isTransactional: Bool
    /// What it is.
    public var content: Content
}

/// A transaction that was given up, as a topic partition saw it.
public struct AbortedTransaction: Sendable, Equatable {
    /// Whose.
    public var producerID: Int64
    /// The offset of its first record.
    public var first: Int64
    /// The offset of its marker.
    public var last: Int64
}

/// What a fetch answers.
public struct FetchAnswer: Sendable, Equatable {
    /// What is in the log from the offset asked for, markers and aborted records among it. An encoded batch may
    /// begin before.
    public var entries: [LogEntry] = []
    /// The aborted transactions that the entries may belong to.
    public var aborted: [AbortedTransaction] = []
    /// From where to fetch on; offsets that hold nothing count as read.
    public var next: Int64
    /// The offset after the last entry.
    public var highWatermark: Int64
    /// The offset of the earliest record of which it is not decided whether it is to be seen.
    public var lastStableOffset: Int64
    /// The earliest offset.
    public var start: Int64

    /// The records of the entries, without those of aborted transactions.
    public var records: [StoredRecord] {
        entries.compactMap { entry in
            guard case .record(let record) = entry.content, !PartitionLog.isAborted(entry, aborted) else {
                return nil
            }
            return record
        }
    }
}

/// The log of one topic partition, with what it knows of its producers.
struct PartitionLog {
    /// What a producer wrote here last.
    private struct ProducerState {
        var epoch: Int16
        /// Up to five batches, so that one that comes again is known.
        var batches: [(first: Int32, last: Int32, offset: Int64)] = []
        /// Where its open transaction begins.
        var openFrom: Int64?
    }

    let place: TopicPartition
    private(set) var start: Int64 = 0
    private(set) var end: Int64 = 0
    private var entries: [LogEntry] = []
    private var aborted: [AbortedTransaction] = []
    private var producers: [Int64: ProducerState] = [:]

    init(_ place: TopicPartition) { self.place = place }

    var lastStableOffset: Int64 { producers.values.compactMap(\.openFrom).min() ?? end }

    /// Appends a batch and answers where it begins; one that is there already is not appended again.
    mutating func append(
        _ records: [StoredRecord], by producer: ProducerIdentity?, sequence: Int32, isTransactional: Bool,
        now: Int64
    ) throws(ErrorCode) -> Int64 {
        if let known = try admit(
            records.count, by: producer, sequence: sequence, isTransactional: isTransactional)
        {
            return known
        }
        let base = end
        for var record in records {
            record.place = place
            record.offset = end
            record.timestamp = record.timestamp ?? now
            append(.record(record), by: producer, isTransactional: isTransactional)
        }
        return base
    }

    /// The same for a batch that stays as it is.
    mutating func append(_ batch: EncodedBatch) throws(ErrorCode) -> Int64 {
        if let known = try admit(
            batch.count, by: batch.producer, sequence: batch.sequence, isTransactional: batch.isTransactional)
        {
            return known
        }
        let base = end
        append(
            .batch(batch), by: batch.producer, isTransactional: batch.isTransactional,
            count: Int64(batch.count))
        return base
    }

    /// Holds a batch against what its producer wrote before. Answers its offset if it is there already.
    private mutating func admit(
        _ count: Int, by producer: ProducerIdentity?, sequence: Int32, isTransactional: Bool
    ) throws(ErrorCode) -> Int64? {
        if let producer {
            var state = producers[producer.id] ?? ProducerState(epoch: producer.epoch)
            if producer.epoch < state.epoch { throw .invalidProducerEpoch }
            if producer.epoch > state.epoch {
                // A new epoch begins to count anew.
                if sequence != 0 { throw .outOfOrderSequenceNumber }
                state.batches = []
                state.epoch = producer.epoch
            }
            let last = Self.advanced(sequence, by: count - 1)
            if let known = state.batches.first(where: { $0.first == sequence && $0.last == last }) {
                return known.offset
            }
            if let previous = state.batches.last?.last, Self.advanced(previous, by: 1) != sequence {
                throw .outOfOrderSequenceNumber
            }
            state.batches = state.batches.suffix(4) + [(sequence, last, end)]
            if isTransactional, state.openFrom == nil { state.openFrom = end }
            producers[producer.id] = state
        }
        return nil
    }

    private mutating func append(
        _ content: LogEntry.Content, by producer: ProducerIdentity?, isTransactional: Bool, count: Int64 = 1
    ) {
        entries.append(
            LogEntry(
                offset: end, last: end + count - 1, producer: producer, isTransactional: isTransactional,
                content: content))
        end += count
    }

    /// Ends the producer's transaction here. From now on its older epochs are refused.
    mutating func appendMarker(isCommit: Bool, by producer: ProducerIdentity) {
        var state = producers[producer.id] ?? ProducerState(epoch: producer.epoch)
        if producer.epoch > state.epoch { state.batches = [] }
        state.epoch = max(state.epoch, producer.epoch)
        if let first = state.openFrom, !isCommit {
            aborted.append(AbortedTransaction(producerID: producer.id, first: first, last: end))
        }
        state.openFrom = nil
        producers[producer.id] = state
        append(.marker(isCommit: isCommit), by: producer, isTransactional: true)
    }

    /// The entries from `offset` on, up to `maximum`, and of encoded ones up to `maximumBytes`, but at least one.
    func fetch(from offset: Int64, maximum: Int, maximumBytes: Int = .max, readsCommitted: Bool)
        throws(ErrorCode) -> FetchAnswer
    {
        if offset < start || offset > end { throw .offsetOutOfRange }
        let limit = readsCommitted ? lastStableOffset : end
        var answer = FetchAnswer(
            next: max(offset, limit), highWatermark: end, lastStableOffset: lastStableOffset, start: start)
        var bytes = 0
        for entry in entries[index(of: offset)...] {
            if entry.offset >= limit { break }
            if case .batch(let batch) = entry.content { bytes += batch.bytes.count }
            if answer.entries.count == maximum || (bytes > maximumBytes && !answer.entries.isEmpty) {
                answer.next = entry.offset
                break
            }
            answer.entries.append(entry)
        }
        if readsCommitted {
            answer.aborted = aborted.filter { $0.last >= offset && $0.first < answer.next }
        }
        return answer
    }

    /// Forgets what is below `offset`.
    mutating func deleteRecords(before offset: Int64) {
        start = min(max(start, offset), end)
        entries.removeFirst(index(of: start))
        aborted.removeAll { $0.last < start }
    }

    /// Keeps the newest record of each key among those below `limit` that are decided.
    mutating func compact(below limit: Int64, dropsTombstones: Bool) {
        let limit = min(limit, lastStableOffset)
        var newest: [[UInt8]: Int64] = [:]
        for entry in entries where entry.offset < limit && !Self.isAborted(entry, aborted) {
            if case .record(let record) = entry.content, let key = record.key { newest[key] = entry.offset }
        }
        entries.removeAll { entry in
            if entry.offset >= limit { return false }
            guard case .record(let record) = entry.content, !Self.isAborted(entry, aborted) else {
                // A marker comes after all that it ends, so nothing undecided is left of it.
                return true
            }
            guard let key = record.key else { return false }
            return newest[key] != entry.offset || (dropsTombstones && record.value == nil)
        }
    }

    static func isAborted(_ entry: LogEntry, _ aborted: [AbortedTransaction]) -> Bool {
        guard entry.isTransactional, let id = entry.producer?.id else { return false }
        return aborted.contains { $0.producerID == id && $0.first <= entry.offset && entry.offset <= $0.last }
    }

    /// The index of the entry at or after `offset`.
    private func index(of offset: Int64) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].last < offset { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Sequence numbers wrap around to 0.
    private static func advanced(_ sequence: Int32, by count: Int) -> Int32 {
        Int32((Int64(sequence) + Int64(count)) & Int64(Int32.max))
    }
}
