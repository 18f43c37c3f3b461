internal import Kafka

/// The log of one topic partition, with what it knows of its producers.
///
/// A batch is held against its producer's last ones by `admit`, made into entries by `entries`, and enters the
/// log by `take`. What comes from a store only takes the last step.
struct PartitionLog {
    /// What a producer wrote here last.
    private struct ProducerState {
        var epoch: Int16
        /// Up to five batches, so that one that comes again is known.
        var batches: [(first: Int32, last: Int32, offset: Int64)] = []
    }

    let place: TopicPartition
    private(set) var start: Int64 = 0
    private(set) var end: Int64 = 0
    private(set) var entries: [LogEntry] = []
    private(set) var aborted: [AbortedTransaction] = []
    /// Bytes of all entries, about.
    private(set) var size: Int64 = 0
    /// Up to where it was compacted.
    var cleaned: Int64 = 0
    /// Where the open transaction of a producer id begins.
    private(set) var open: [Int64: Int64] = [:]
    private var producers: [Int64: ProducerState] = [:]

    init(_ place: TopicPartition) { self.place = place }

    var lastStableOffset: Int64 { open.values.min().map { max(start, $0) } ?? end }

    // MARK: What comes in

    /// Holds a batch against what its producer wrote before. Answers its offset if it is there already.
    func admit(_ count: Int, by producer: ProducerIdentity?, sequence: Int32) throws(ErrorCode) -> Int64? {
        guard let producer, let state = producers[producer.id] else { return nil }
        if producer.epoch < state.epoch { throw .invalidProducerEpoch }
        if producer.epoch > state.epoch {
            // A new epoch begins to count anew.
            if sequence != 0 { throw .outOfOrderSequenceNumber }
            return nil
        }
        let last = Self.advanced(sequence, by: count - 1)
        if let known = state.batches.first(where: { $0.first == sequence && $0.last == last }) {
            return known.offset
        }
        if let previous = state.batches.last?.last, Self.advanced(previous, by: 1) != sequence {
            throw .outOfOrderSequenceNumber
        }
        return nil
    }

    /// What a batch of records becomes at the end of the log.
    func entries(
        _ records: [StoredRecord], by producer: ProducerIdentity?, sequence: Int32, isTransactional: Bool,
        now: Int64
    ) -> [LogEntry] {
        var offset = end
        return records.map { record in
            defer { offset += 1 }
            var record = record
            record.place = place
            record.offset = offset
            record.timestamp = record.timestamp ?? now
            return LogEntry(
                offset: offset, last: offset, producer: producer,
                sequence: sequence < 0 ? -1 : Self.advanced(sequence, by: Int(offset - end)),
                isTransactional: isTransactional, timestamp: record.timestamp ?? now, hasAppendTime: false,
                content: .record(record))
        }
    }

    /// What an encoded batch becomes at the end of the log.
    func entry(_ batch: EncodedBatch, now: Int64, hasAppendTime: Bool) -> LogEntry {
        LogEntry(
            offset: end, last: end + Int64(batch.count) - 1, producer: batch.producer,
            sequence: batch.sequence, isTransactional: batch.isTransactional,
            timestamp: hasAppendTime || batch.maxTimestamp < 0 ? now : batch.maxTimestamp,
            hasAppendTime: hasAppendTime, content: .batch(batch))
    }

    /// What a marker becomes at the end of the log.
    func marker(isCommit: Bool, by producer: ProducerIdentity, now: Int64) -> LogEntry {
        LogEntry(
            offset: end, last: end, producer: producer, sequence: -1, isTransactional: true, timestamp: now,
            hasAppendTime: false, content: .marker(isCommit: isCommit))
    }

    /// Takes in the entries of one batch, and learns from them what its producer does.
    mutating func take(_ batch: [LogEntry]) {
        guard let first = batch.first, let last = batch.last?.last else { return }
        if let producer = first.producer { learn(first, last, producer) }
        end = max(end, last + 1)
        for entry in batch where entry.last >= start {
            entries.append(entry)
            size += entry.size
        }
    }

    private mutating func learn(_ entry: LogEntry, _ last: Int64, _ producer: ProducerIdentity) {
        var state = producers[producer.id] ?? ProducerState(epoch: producer.epoch)
        if producer.epoch > state.epoch { state = ProducerState(epoch: producer.epoch) }
        if case .marker(let isCommit) = entry.content {
            // The transaction is over. From now on the producer's older epochs are refused.
            if let first = open.removeValue(forKey: producer.id), !isCommit {
                aborted.append(AbortedTransaction(producerID: producer.id, first: first, last: last))
            }
        } else {
            let lastSequence = Self.advanced(entry.sequence, by: Int(last - entry.offset))
            state.batches = state.batches.suffix(4) + [(entry.sequence, lastSequence, entry.offset)]
            if entry.isTransactional, open[producer.id] == nil { open[producer.id] = entry.offset }
        }
        producers[producer.id] = state
    }

    // MARK: What goes

    /// Forgets what is below `offset`. A batch in which it lies stays.
    mutating func moveStart(to offset: Int64) {
        start = max(start, offset)
        // Only a log that is being restored may begin after its end.
        end = max(end, start)
        let kept = index(of: start)
        for entry in entries[..<kept] { size -= entry.size }
        entries.removeFirst(kept)
        aborted.removeAll { $0.last < start }
    }

    /// Puts what compaction left in the place of the entries below `limit`.
    mutating func rewrite(below limit: Int64, _ remaining: [LogEntry]) {
        let kept = index(of: limit)
        for entry in entries[..<kept] { size -= entry.size }
        for entry in remaining { size += entry.size }
        entries.replaceSubrange(..<kept, with: remaining)
        end = max(end, limit)
        cleaned = limit
        // A reader that is told of an aborted transaction waits for its marker.
        let markers = Set(remaining.map(\.offset))
        aborted.removeAll { $0.last < limit && !markers.contains($0.last) }
    }

    // MARK: What is read

    /// The entries from `offset` on, up to `maximum`, and of encoded ones up to `maximumBytes`, but at least one.
    func fetch(from offset: Int64, maximum: Int, maximumBytes: Int = .max, readsCommitted: Bool)
        throws(ErrorCode) -> FetchAnswer
    {
        if offset < start || offset > end { throw .offsetOutOfRange }
        let stable = lastStableOffset
        let limit = readsCommitted ? stable : end
        var answer = FetchAnswer(
            next: max(offset, limit), highWatermark: end, lastStableOffset: stable, start: start)
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

    static func isAborted(_ entry: LogEntry, _ aborted: [AbortedTransaction]) -> Bool {
        guard entry.isTransactional, let id = entry.producer?.id else { return false }
        return aborted.contains { $0.producerID == id && $0.first <= entry.offset && entry.offset <= $0.last }
    }

    /// The epoch with which a producer id wrote last.
    func epoch(of producerID: Int64) -> Int16? { producers[producerID]?.epoch }

    /// The index of the entry at or after `offset`.
    func index(of offset: Int64) -> Int {
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
