internal import Kafka

/// What tells, beside a position, which log the position is in: an offset alone would fit into any log of that name.
///
/// Kept as text with every committed offset and with the positions of every snapshot.
struct LogMark: Sendable, Equatable {
    /// The last record that was applied.
    struct Last: Sendable, Equatable {
        var offset: Int64
        var fingerprint: RecordFingerprint
    }

    private static let version = "1"

    /// Where the log began when the task read its first record: the task's state is the fold from here on.
    var origin: Int64
    /// Nil before the first record.
    var last: Last?

    init(origin: Int64, last: Last? = nil) {
        self.origin = origin
        self.last = last
    }

    /// Reads what `text` wrote; nil if another version did, or nobody.
    init?(_ text: String) {
        let words = text.split(separator: ",")
        guard words.first == Self.version[...], words.count == 2 || words.count == 5,
            let origin = Int64(words[1])
        else { return nil }
        self.init(origin: origin)
        if words.count == 2 { return }
        guard let offset = Int64(words[2]), let timestamp = Int64(words[3]),
            let checksum = UInt64(words[4], radix: 16)
        else { return nil }
        last = Last(
            offset: offset, fingerprint: RecordFingerprint(timestamp: timestamp, checksum: checksum))
    }

    var text: String {
        guard let last else { return "\(Self.version),\(origin)" }
        let checksum = String(last.fingerprint.checksum, radix: 16)
        return "\(Self.version),\(origin),\(last.offset),\(last.fingerprint.timestamp),\(checksum)"
    }
}

/// What is wrong with a log that a task is to go on in.
enum LogChange: Sendable, Equatable, CustomStringConvertible {
    /// The topic was deleted and created again: the position is of another log. Its records are `found`.
    case replaced(TopicPartition, position: Int64, found: Range<Int64>)
    /// The records between the position and the log's start are gone, by retention or on request.
    case truncated(TopicPartition, position: Int64, start: Int64)
    /// The records that the state lacks up to what was committed are gone.
    case stateInputGone(TopicPartition, state: Int64, start: Int64)

    /// How many records were lost, as far as that can be known.
    var lostRecords: Int64 {
        switch self {
        case .replaced: 0
        case .truncated(_, let position, let start), .stateInputGone(_, let position, let start):
            max(0, start - position)
        }
    }

    /// How many records are read although their offsets were read before.
    var rereadRecords: Int64 {
        if case .replaced(_, let position, let found) = self {
            max(0, min(position, found.upperBound) - found.lowerBound)
        } else {
            0
        }
    }

    /// What happened, for people.
    var description: String {
        switch self {
        case .replaced(let place, let position, let found):
            "\(place) is another log than the one read so far: it was deleted and created again. Up to offset "
                + "\(position) was read, the new log holds \(found.lowerBound) to \(found.upperBound)"
        case .truncated(let place, let position, let start):
            "\(place) has lost \(start - position) records that were not read: it starts at \(start), and up to "
                + "\(position) was read (retention, or somebody deleted records)"
        case .stateInputGone(let place, let state, let start):
            "\(place) has lost \(start - state) records that the saved state lacks: it starts at \(start), and "
                + "the state was saved at \(state)"
        }
    }
}
