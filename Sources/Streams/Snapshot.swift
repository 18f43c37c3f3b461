internal import Kafka

/// Takes the snapshot of one task: a record per changed entry, then one for the task.
public struct SnapshotWriter: Sendable {
    private(set) var records: RecordBuffer
    private let partition: Int32
    private(set) var shared: [UInt8] = []

    init(_ records: consuming RecordBuffer, partition: Int32) {
        self.records = records
        self.partition = partition
    }

    /// Adds an entry's state, or that the entry is gone.
    public mutating func put(entry: RawSpan, state: RawSpan?) {
        records.append(
            topic: 0, partition: partition, keyPrefix: SnapshotKey.entryPrefix, key: entry, value: state)
    }

    /// Says what the entries share.
    public mutating func put(shared state: RawSpan) {
        shared.removeAll(keepingCapacity: true)
        state.withUnsafeBytes { shared.append(contentsOf: $0) }
    }

    mutating func put(key: String, value: [UInt8]) {
        records.append(
            topic: 0, partition: partition, key: key.utf8Span.span.bytes, value: value.span.bytes)
    }
}

/// Why a snapshot cannot be used.
public enum SnapshotFailure: Error, Equatable, CustomStringConvertible {
    /// It was made under another configuration, whose state means something else.
    case otherConfiguration(String)
    /// Its bytes are not what this version writes.
    case malformed(String)

    /// The reason and the mend, for people.
    public var description: String {
        switch self {
        case .otherConfiguration(let what):
            "the snapshots were made under another configuration (\(what)); go back to it, or rebuild the "
                + "state with 'foreshadow replay --into PREFIX'"
        case .malformed(let what): "the snapshots cannot be read (\(what))"
        }
    }
}

/// The keys of a snapshot topic: entries behind a prefix, and two records of the runtime's own.
enum SnapshotKey {
    /// Before the key of an entry: `c`.
    static let entryPrefix = UInt8(ascii: "c")
    /// The key of the record with the positions and what the entries share.
    static let task = "task"
    /// The key of the record that names the transactional id of whoever holds the task.
    static let owner = "owner"
}

/// What a snapshot says about its task: a line of text, which people can read too, then bytes.
///
/// The line holds the version, the fingerprint, the number of tasks, and for each input the position and, behind a
/// colon, which log it is in; with spaces between them. The first version had neither tasks nor logs.
struct TaskRecord: Equatable {
    private static let first = "1"
    private static let version = "2"

    /// Of what determines the meaning of the state.
    var fingerprint: UInt64
    /// How many tasks shared the keys out; nil if that was not noted.
    var taskCount: Int32?
    /// The state is the fold of each input up to here (exclusive).
    var positions: [Int64]
    /// Which logs the positions are in, as far as that was noted.
    var marks: [LogMark?]
    /// What the entries share.
    var shared: [UInt8]

    func encode() -> [UInt8] {
        let inputs = zip(positions, marks).map { position, mark in
            mark.map { "\(position):\($0.text)" } ?? String(position)
        }
        let words = [Self.version, String(fingerprint), String(taskCount ?? 0)] + inputs
        return Array(words.joined(separator: " ").utf8) + [Self.lineEnd] + shared
    }

    init(
        fingerprint: UInt64, taskCount: Int32? = nil, positions: [Int64], marks: [LogMark?]? = nil,
        shared: [UInt8]
    ) {
        self.fingerprint = fingerprint
        self.taskCount = taskCount
        self.positions = positions
        self.marks = marks ?? positions.map { _ in nil }
        self.shared = shared
    }

    init(decoding bytes: RawSpan) throws(SnapshotFailure) {
        let all = bytes.withUnsafeBytes { Array($0) }
        guard let end = all.firstIndex(of: Self.lineEnd) else { throw .malformed("no first line") }
        let words = String(decoding: all[..<end], as: UTF8.self).split(separator: " ")
        let hasTasks = words.first == Self.version[...]
        guard hasTasks || words.first == Self.first[...] else { throw .malformed("another version") }
        let inputs = words.dropFirst(hasTasks ? 3 : 2).map { $0.split(separator: ":", maxSplits: 1) }
        let positions = inputs.compactMap { $0.first.flatMap { Int64($0) } }
        guard words.count >= (hasTasks ? 3 : 2), let fingerprint = UInt64(words[1]),
            positions.count == inputs.count
        else { throw .malformed("its first line") }
        self.init(
            fingerprint: fingerprint, taskCount: hasTasks ? Int32(words[2]) : nil, positions: positions,
            marks: inputs.map { $0.count == 2 ? LogMark(String($0[1])) : nil },
            shared: Array(all[(end + 1)...]))
    }

    private static let lineEnd = UInt8(ascii: "\n")
}
