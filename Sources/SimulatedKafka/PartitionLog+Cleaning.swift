internal import Kafka

/// A record of an encoded batch, as far as compaction must know it.
public struct BatchRecord: Sendable, Equatable {
    /// How far it is from the batch's first offset.
    public var offsetDelta: Int32
    /// Its key, if it has one.
    public var key: [UInt8]?
    /// Whether it has no value.
    public var isTombstone: Bool
    /// Its time, in epoch milliseconds.
    public var timestamp: Int64

    /// Describes a record.
    public init(offsetDelta: Int32, key: [UInt8]?, isTombstone: Bool, timestamp: Int64) {
        self.offsetDelta = offsetDelta
        self.key = key
        self.isTombstone = isTombstone
        self.timestamp = timestamp
    }
}

/// Looks into encoded batches, which the model itself does not.
public protocol BatchRecoder: Sendable {
    /// The records that are in the batch.
    func records(of batch: EncodedBatch) throws -> [BatchRecord]

    /// The batch with only the records at these distances from its first offset. `count`, the producer and the
    /// sequence number stay as they are.
    func keeping(_ offsetDeltas: Set<Int32>, of batch: EncodedBatch) throws -> EncodedBatch
}

/// What compaction takes away.
struct CompactionRule {
    /// Tombstones, and markers that end nothing any more, go if they are not younger than this.
    var tombstonesUntil: Int64
    /// Whether records without a key go; Kafka refuses them where it compacts.
    var dropsUnkeyed = false
    /// Whether the markers stay of transactions of which something is left, and the last entry of the log, so
    /// that the log can be rebuilt from its entries.
    var staysRebuildable = false
}

/// Retention and compaction.
extension PartitionLog {
    /// Where the log begins when everything has gone that is too old or too much.
    func startAfterRetention(_ settings: TopicSettings, now: Int64) -> Int64 {
        var (start, left) = (start, size)
        for entry in entries {
            let isOld = settings.retention >= 0 && now - entry.timestamp > settings.retention
            let isTooMuch = settings.retentionBytes >= 0 && left - entry.size >= settings.retentionBytes
            if !isOld && !isTooMuch { break }
            left -= entry.size
            start = entry.last + 1
        }
        return start
    }

    /// Up to where the log is to be compacted now; nil if that is not worth while yet.
    func compactionLimit(_ settings: TopicSettings, now: Int64) -> Int64? {
        var limit = lastStableOffset
        let firstDirty = index(of: cleaned)
        if settings.minCompactionLag > 0,
            let young = entries[firstDirty...].first(where: { $0.timestamp > now - settings.minCompactionLag }
            )
        {
            limit = min(limit, young.offset)
        }
        let dirtyEntries = entries[firstDirty...].prefix { $0.offset < limit }
        guard let oldest = dirtyEntries.lazy.map(\.timestamp).min() else { return nil }
        let dirty = Double(dirtyEntries.reduce(0) { $0 + $1.size })
        let clean = Double(entries[..<firstDirty].reduce(0) { $0 + $1.size })
        let isOverdue =
            settings.maxCompactionLag < .max && now - oldest > settings.maxCompactionLag
        return isOverdue || dirty / (clean + dirty) > settings.dirtyRatio ? limit : nil
    }

    /// What is left of the entries below `limit`, which are all decided, when of each key only the newest
    /// record stays. Without a recoder encoded batches stay as they are.
    func compacted(below limit: Int64, _ rule: CompactionRule, _ recoder: (any BatchRecoder)?) throws
        -> [LogEntry]
    {
        let below = entries[..<index(of: limit)]
        var newest: [[UInt8]: Int64] = [:]
        for entry in below where !Self.isAborted(entry, aborted) {
            for record in try records(of: entry, recoder) {
                if let key = record.key { newest[key] = entry.offset + Int64(record.offsetDelta) }
            }
        }
        var remaining: [LogEntry] = []
        /// Producer ids of whose transaction something is left.
        var unfinished: Set<Int64> = []
        for entry in below {
            var kept: LogEntry?
            if case .marker = entry.content {
                let isNeeded = entry.producer.map { unfinished.remove($0.id) != nil } ?? false
                let isYoung = rule.staysRebuildable && entry.timestamp > rule.tombstonesUntil
                kept = isNeeded || isYoung ? entry : nil
            } else if !Self.isAborted(entry, aborted) {
                kept = try compacted(entry, newest, rule, recoder)
                let isRecord = if case .record = entry.content { true } else { false }
                if kept != nil, entry.isTransactional, rule.staysRebuildable || !isRecord {
                    if let id = entry.producer?.id { unfinished.insert(id) }
                }
            }
            if rule.staysRebuildable, entry.last + 1 == end { kept = kept ?? entry }
            if let kept { remaining.append(kept) }
        }
        return remaining
    }

    /// The records of an entry; none of a batch that nobody can read.
    private func records(of entry: LogEntry, _ recoder: (any BatchRecoder)?) throws -> [BatchRecord] {
        switch entry.content {
        case .marker: return []
        case .record(let record):
            return [
                BatchRecord(
                    offsetDelta: 0, key: record.key, isTombstone: record.value == nil,
                    timestamp: entry.timestamp)
            ]
        case .batch(let batch): return try recoder?.records(of: batch) ?? []
        }
    }

    /// The entry with the records that stay; nil if none does.
    private func compacted(
        _ entry: LogEntry, _ newest: [[UInt8]: Int64], _ rule: CompactionRule, _ recoder: (any BatchRecoder)?
    ) throws -> LogEntry? {
        let records = try records(of: entry, recoder)
        let kept = records.filter { record in
            guard let key = record.key else { return !rule.dropsUnkeyed }
            if newest[key] != entry.offset + Int64(record.offsetDelta) { return false }
            let time = entry.hasAppendTime ? entry.timestamp : record.timestamp
            return !record.isTombstone || time > rule.tombstonesUntil
        }
        // An unread batch counts as one that keeps all of none.
        if kept.count == records.count { return entry }
        guard !kept.isEmpty, case .batch(let batch) = entry.content, let recoder else { return nil }
        var result = entry
        let recoded = try recoder.keeping(Set(kept.map(\.offsetDelta)), of: batch)
        if !entry.hasAppendTime, recoded.maxTimestamp >= 0 { result.timestamp = recoded.maxTimestamp }
        result.content = .batch(recoded)
        return result
    }
}
