public import Kafka
public import Streams

/// The processor of the simulation: its every output depends on every record before it, in order, so that
/// nothing can be lost, repeated, reordered or restored wrongly without showing.
public struct Ledger: Processor, Sendable {
    /// What a key's records came to.
    struct Entry: Equatable, Sendable {
        var count: UInt64 = 0
        var hash: UInt64 = 0
    }

    /// The whole state, for comparison.
    public struct Report: Sendable, Equatable {
        /// Records of the log applied.
        public var total: UInt64 = 0
        /// Of all records, in order.
        public var hash: UInt64 = 0
        /// Entries as text, by key.
        public var entries: [String: String] = [:]
    }

    static let input = "in"
    static let profiles = "profiles"
    static let output = "out"
    static let snapshots = "snapshots"
    static let idleMark = Header("mark", "idle")
    static let copyMark = Header("copied", profiles)

    /// The stage, over topics that all have the same number of topic partitions.
    public static func stage(make: @escaping @Sendable (TaskPlace) -> Ledger = { Ledger($0) })
        -> PipelineStage<Ledger>
    {
        PipelineStage(
            name: "ledger", inputs: [input, profiles], outputs: [output], coPartitionedOutputs: [output],
            idleMark: .init(input: 0, header: idleMark), relay: .init(input: 1, target: 0, header: copyMark),
            snapshots: .init(topic: snapshots, fingerprint: 1), make: make)
    }

    private let number: Int32
    private let memory: ClingingMemory?
    private var isKept = false
    private var entries: [[UInt8]: Entry] = [:]
    private var changed: Set<[UInt8]> = []
    private var total: UInt64 = 0
    private var hash: UInt64 = 0
    /// Whether the last mark it saw said that the topic partition is idle.
    public private(set) var isIdle = false

    /// An empty ledger.
    public init(_ place: TaskPlace) { self.init(place, nil) }

    /// With a memory, it goes on with what it finds there: a planted bug.
    init(_ place: TaskPlace, _ memory: ClingingMemory?) {
        if let kept = memory?[place.number] {
            self = kept
            isKept = true
        } else {
            number = place.number
            self.memory = memory
        }
    }

    /// All that it holds.
    public var report: Report {
        var report = Report(total: total, hash: hash)
        for (key, entry) in entries { report.entries[Self.text(key)] = "\(entry.count) \(entry.hash)" }
        return report
    }

    /// Applies a record of the log.
    public mutating func process(_ record: borrowing Record, input: Int, outputs: inout Outputs) {
        let headers = record.headers()
        total += 1
        defer { memory?[number] = self }
        guard let keySpan = record.key else {
            isIdle = headers.contains(Self.idleMark)
            mix(Array("idle".utf8))
            return put([], "idle \(total) \(hash) @\(record.offset)", &outputs)
        }
        isIdle = false
        let key = keySpan.withUnsafeBytes { Array($0) }
        changed.insert(key)
        guard let valueSpan = record.value else {
            entries[key] = nil
            mix(key)
            return put(key, nil, &outputs)
        }
        let value = valueSpan.withUnsafeBytes { Array($0) }
        var entry = entries[key] ?? Entry()
        entry.count += 1
        entry.hash = Self.mixed(entry.hash, value)
        entries[key] = entry
        mix(key + value)
        put(key, "\(entry.count) \(entry.hash) \(total) \(hash) @\(record.offset)", &outputs)
    }

    private func put(_ key: [UInt8], _ value: String?, _ outputs: inout Outputs) {
        if let value {
            outputs.append(
                topic: 0, partition: number, key: key.span.bytes, value: value.utf8Span.span.bytes)
        } else {
            outputs.append(topic: 0, partition: number, key: key.span.bytes, value: nil)
        }
    }

    private mutating func mix(_ bytes: [UInt8]) { hash = Self.mixed(hash, bytes) }

    /// FNV-1a, going on from an earlier hash.
    private static func mixed(_ hash: UInt64, _ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(hash ^ 0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// Snapshots, as words.
extension Ledger {
    /// How many keys changed.
    public var changedEntries: Int { changed.count }

    /// Saves the keys that changed.
    public mutating func save(into snapshot: inout SnapshotWriter) {
        for key in changed.sorted(by: { Self.text($0) < Self.text($1) }) {
            if let entry = entries[key] {
                let state = "\(entry.count) \(entry.hash)"
                snapshot.put(entry: key.span.bytes, state: state.utf8Span.span.bytes)
            } else {
                snapshot.put(entry: key.span.bytes, state: nil)
            }
        }
        changed = []
        snapshot.put(shared: "\(total) \(hash) \(isIdle ? 1 : 0)".utf8Span.span.bytes)
    }

    /// Takes a key's state over.
    public mutating func restore(entry key: RawSpan, state: RawSpan?) throws(SnapshotFailure) {
        if isKept { return }
        let key = key.withUnsafeBytes { Array($0) }
        guard let state else {
            entries[key] = nil
            return
        }
        let words = try Self.words(state, count: 2)
        entries[key] = Entry(count: words[0], hash: words[1])
    }

    /// Takes over what the keys share.
    public mutating func restore(shared state: RawSpan) throws(SnapshotFailure) {
        if isKept { return }
        let words = try Self.words(state, count: 3)
        total = words[0]
        hash = words[1]
        isIdle = words[2] == 1
    }

    private static func words(_ state: RawSpan, count: Int) throws(SnapshotFailure) -> [UInt64] {
        let text = state.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        let words = text.split(separator: " ").compactMap { UInt64($0) }
        if words.count != count { throw .malformed(text) }
        return words
    }
}
