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
    /// The last offset it takes up; stays when compaction takes records out of it.
    public var last: Int64
    /// Who wrote it, if that is known.
    public var producer: ProducerIdentity?
    /// The producer's number of its first record; -1 if there is none.
    public var sequence: Int32
    /// Whether it belongs to a transaction.
    public var isTransactional: Bool
    /// The time of its newest record, in epoch milliseconds, by which it is found and deleted.
    public var timestamp: Int64
    /// Whether that is when it arrived, whatever is written in its bytes: readers are to be told this time.
    public var hasAppendTime: Bool
    /// What it is.
    public var content: Content

    /// Describes an entry.
    public init(
        offset: Int64, last: Int64, producer: ProducerIdentity?, sequence: Int32, isTransactional: Bool,
        timestamp: Int64, hasAppendTime: Bool, content: Content
    ) {
        self.offset = offset
        self.last = last
        self.producer = producer
        self.sequence = sequence
        self.isTransactional = isTransactional
        self.timestamp = timestamp
        self.hasAppendTime = hasAppendTime
        self.content = content
    }

    /// Bytes it takes up, about.
    var size: Int64 {
        switch content {
        case .batch(let batch): Int64(batch.bytes.count)
        case .record(let record): Int64(70 + (record.key?.count ?? 0) + (record.value?.count ?? 0))
        case .marker: 78
        }
    }
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
