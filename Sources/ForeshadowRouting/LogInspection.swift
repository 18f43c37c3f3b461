internal import Kafka

/// The last record that was applied of a topic partition: its offset holds the same one as long as the log is the same.
struct AppliedRecord: Sendable, Equatable {
    var offset: Int64
    var fingerprint: RecordFingerprint
}

/// What became of the logs of topic partitions since their last record was applied.
struct LogInspection: Sendable, Equatable {
    /// What tells that a log is another one than before.
    enum Evidence: Sendable, Equatable, CustomStringConvertible {
        /// The topic was missing from the cluster for longer than a glitch.
        case wasGone
        /// The log ends here, below the next offset to apply.
        case end(Int64)
        /// This offset holds another record.
        case otherRecord(Int64)

        var description: String {
            switch self {
            case .wasGone: "it was missing from the cluster"
            case .end(let end): "its end is \(end)"
            case .otherRecord(let offset): "another record is at offset \(offset)"
            }
        }
    }

    /// The topic partitions whose log is another one.
    private(set) var replaced: [TopicPartition: Evidence] = [:]
    /// The offsets that were deleted before they were applied. Not each of them was a record.
    private(set) var lost: [TopicPartition: Range<Int64>] = [:]
    private let ranges: [TopicPartition: Range<Int64>]

    /// Compares the next offsets to apply with the offsets that are there. `gone` are topics that were missing.
    init(
        next: [TopicPartition: Int64], ranges: [TopicPartition: Range<Int64>], gone: Set<String>
    ) {
        self.ranges = ranges
        for (place, next) in next {
            if gone.contains(place.topic) {
                replaced[place] = .wasGone
                continue
            }
            guard let range = ranges[place] else { continue }
            if range.upperBound < next {
                replaced[place] = .end(range.upperBound)
            } else if range.lowerBound > next {
                lost[place] = next..<range.lowerBound
            }
        }
    }

    /// Which of these records are to be read again: those that can still be there and that tell something.
    func suspects(_ applied: [TopicPartition: AppliedRecord]) -> [TopicPartition: AppliedRecord] {
        applied.filter { place, record in
            replaced[place] == nil && ranges[place]?.contains(record.offset) == true
        }
    }

    /// Compares what was applied with what is there now. Compaction may have removed a record: then the first one at or
    /// after its offset has another offset, which is no evidence.
    mutating func compare(
        _ applied: [TopicPartition: AppliedRecord], with found: [TopicPartition: AppliedRecord]
    ) {
        for (place, record) in applied {
            guard let now = found[place], now.offset == record.offset, now.fingerprint != record.fingerprint
            else { continue }
            replaced[place] = .otherRecord(record.offset)
            lost[place] = nil
        }
    }
}
