public import Kafka

/// Holds recomputed records against the recorded ones, in order, and stops at the first difference.
///
/// Holds one record of each side, and the keys of those that compaction took: those must come again.
///
/// A compacted topic may lack records, but says so: offsets are missing where they were. (So they are where
/// transactions ended, which is why one record at such a place may be lacking unnoticed if its key comes again.)
/// Where no offset is missing, no record is allowed to be.
public final class ReplayComparison {
    /// What was found, in records.
    public struct Counts: Sendable, Equatable, Codable {
        /// Recorded as recomputed.
        public var equal = 0
        /// Recomputed and not recorded any more, because a newer record has the key.
        public var compactedAway = 0
        /// Recomputed, of before the oldest that is kept or asked for.
        public var before = 0
        /// Recomputed from input that the pipeline had not processed when the comparison began.
        public var notYetRecorded = 0
        /// Recorded after the span.
        public var leftOut = 0

        /// Nothing yet.
        public init() {}
    }

    /// What was found so far.
    public private(set) var counts = Counts()
    /// The first difference; known for certain after `finish`.
    public private(set) var difference: ReplayDifference?
    /// The offset after the last recorded record that was equal.
    public private(set) var position: Int64 = 0
    private let log: ReplayLog
    private let key: [UInt8]?
    private let isCompacted: Bool
    private var isAligned = false
    private var hasCurrent = false
    /// The offset after the last one seen.
    private var seen: Int64 = 0
    /// How many records may have stood before the current one and are gone.
    private var allowance: Int64 = 0
    private var pending: [[UInt8]: ReplayCause] = [:]
    /// The first record skipped before the current one, and the first of those with its key.
    private var skipped: (first: Made?, sameKey: Made?) = (nil, nil)
    private var suspicion: Suspicion?

    private struct Made {
        var content: ReplayDifference.Content
        var cause: ReplayCause
    }

    /// Two records differ; those that follow tell whether one is changed or missing.
    private struct Suspicion {
        var made: Made
        var recorded: ReplayDifference.Content
        var offset: Int64
        var remaining: Int
    }

    /// How far to look for a record that differs, to tell what kind of difference it is.
    private static let lookAhead = 256

    /// Compares with `log`, or with its records of one key.
    public init(_ log: ReplayLog, key: [UInt8]? = nil, isCompacted: Bool) {
        self.log = log
        self.key = key
        self.isCompacted = isCompacted
    }

    /// The next recomputed record. `mustBeRecorded`: the pipeline had processed its input when the comparison
    /// began. Answers whether it is recorded.
    @discardableResult
    public func expect(_ made: borrowing Record, cause: ReplayCause, mustBeRecorded: Bool) throws(KafkaError)
        -> Bool
    {
        if difference != nil { return false }
        if suspicion != nil {
            weigh(made)
            return false
        }
        if !hasCurrent { hasCurrent = try advance() }
        if hasCurrent, log.withNext({ $0.hasSameContent(as: made) }) {
            accept(made)
            return true
        }
        if !hasCurrent && !mustBeRecorded {
            counts.notYetRecorded += 1
        } else if allowance > 0 {
            skip(made, cause)
        } else if hasCurrent {
            try suspect(made, cause)
        } else {
            let first = skipped.first ?? Made(content: .init(made), cause: cause)
            difference = ReplayDifference(
                kind: .missing, place: log.place, offset: nil, cause: first.cause, recorded: nil,
                recomputed: first.content)
        }
        return false
    }

    /// Nothing more is recomputed. With `isComplete`, what is recorded beyond is extra; otherwise it was
    /// recorded after the span.
    public func finish(isComplete: Bool) throws(KafkaError) {
        if let suspicion { conclude(.changed, suspicion) }
        while difference == nil {
            if !hasCurrent { hasCurrent = try advance() }
            if !hasCurrent || (!isComplete && pending.isEmpty) { break }
            log.withNext { record in
                if isComplete {
                    difference = ReplayDifference(
                        kind: .extra, place: log.place, offset: record.offset, recorded: .init(record))
                } else if let key = Self.bytes(record.key) {
                    pending[key] = nil
                }
            }
            counts.leftOut += 1
            hasCurrent = false
            log.consume()
        }
        guard difference == nil else { return }
        if let (key, cause) = pending.min(by: { $0.value.offset < $1.value.offset }) {
            difference = ReplayDifference(
                kind: .missing, place: log.place, offset: nil, cause: cause,
                recomputed: .init(key: key, value: nil, headers: []))
        }
    }

    /// Goes to the next recorded record and notes how many offsets are missing before it.
    private func advance() throws(KafkaError) -> Bool {
        while try log.hasNext() {
            let isWanted = log.withNext { record in
                noteGap(before: record.offset)
                seen = record.offset + 1
                guard let key else { return true }
                return Record.isEqual(record.key, key.span.bytes)
            }
            if isWanted { return true }
            log.consume()
        }
        noteGap(before: log.span.upperBound)
        seen = max(seen, log.span.upperBound)
        return false
    }

    private func noteGap(before offset: Int64) {
        if isCompacted || !isAligned { allowance += max(0, offset - seen) }
    }

    private func accept(_ made: borrowing Record) {
        counts.equal += 1
        if !pending.isEmpty, let key = Self.bytes(made.key) { pending[key] = nil }
        log.consume()
        position = log.position
        hasCurrent = false
        allowance = 0
        isAligned = true
        skipped = (nil, nil)
    }

    private func skip(_ made: borrowing Record, _ cause: ReplayCause) {
        allowance -= 1
        if !isAligned {
            counts.before += 1
        } else {
            counts.compactedAway += 1
            // Tombstones are gone for good after a while.
            if made.value != nil, let key = Self.bytes(made.key), pending[key] == nil { pending[key] = cause }
        }
        if skipped.first == nil { skipped.first = Made(content: .init(made), cause: cause) }
        if skipped.sameKey == nil, hasCurrent, log.withNext({ Record.isEqual($0.key, made.key) }) {
            skipped.sameKey = Made(content: .init(made), cause: cause)
        }
    }

    /// The record that should stand here is looked for further on among the recorded ones; then what is
    /// recorded here, among the recomputed ones that follow.
    private func suspect(_ made: borrowing Record, _ cause: ReplayCause) throws(KafkaError) {
        let current = Made(content: .init(made), cause: cause)
        let expected = skipped.first ?? current
        var (recorded, offset) = log.withNext { (ReplayDifference.Content($0), $0.offset) }
        let found = Suspicion(
            made: skipped.sameKey ?? expected, recorded: recorded, offset: offset, remaining: Self.lookAhead)
        for _ in 0..<Self.lookAhead {
            log.consume()
            guard try advance() else { break }
            (recorded, offset) = log.withNext { (ReplayDifference.Content($0), $0.offset) }
            if recorded == expected.content { return conclude(.extra, found) }
        }
        suspicion = found
    }

    private func weigh(_ made: borrowing Record) {
        guard var found = suspicion else { return }
        if ReplayDifference.Content(made) == found.recorded { return conclude(.missing, found) }
        found.remaining -= 1
        suspicion = found
        if found.remaining == 0 { conclude(.changed, found) }
    }

    private func conclude(_ kind: ReplayDifference.Kind, _ found: Suspicion) {
        suspicion = nil
        difference = ReplayDifference(
            kind: kind, place: log.place, offset: found.offset,
            cause: kind == .extra ? nil : found.made.cause, recorded: found.recorded,
            recomputed: kind == .extra ? nil : found.made.content)
    }

    private static func bytes(_ span: RawSpan?) -> [UInt8]? {
        guard let span else { return nil }
        return span.withUnsafeBytes { Array($0) }
    }
}
