/// The settings of a topic, with Kafka's names, defaults and bounds.
///
/// The properties are those that the model acts on. The others of Kafka's topic settings are checked and
/// remembered, and change nothing.
public struct TopicSettings: Sendable, Equatable {
    /// Why settings were refused, in Kafka's words. The code is INVALID_CONFIG.
    public struct Invalid: Error, Equatable, CustomStringConvertible {
        /// The reason, for people.
        public var description: String
        /// The protocol's error.
        public var code: ErrorCode { .invalidConfig }

        fileprivate init(_ description: String) { self.description = description }

        fileprivate init(_ name: String, _ value: String, _ reason: String) {
            self.init("Invalid value \(value) for configuration \(name): \(reason)")
        }
    }

    /// What a value looks like, with the numbers of DescribeConfigs.
    public enum Kind: Int8, Sendable {
        /// As named.
        case boolean = 1
        /// A string.
        case text = 2
        /// 32 bits.
        case int = 3
        /// 64 bits.
        case long = 5
        /// A number with a fraction.
        case double = 6
        /// Words with commas between them.
        case list = 7
    }

    /// One setting, as DescribeConfigs tells it.
    public struct Entry: Sendable, Equatable {
        /// Its name.
        public var name: String
        /// Its value, given or by default.
        public var value: String
        /// Whether nobody gave it.
        public var isDefault: Bool
        /// What it looks like.
        public var kind: Kind
    }

    /// A change to one setting, as IncrementalAlterConfigs asks for it.
    public enum Change: Sendable, Equatable {
        /// Gives a value.
        case set(String, String)
        /// Goes back to the default.
        case delete(String)
        /// Adds the words to a list.
        case append(String, String)
        /// Takes the words out of a list.
        case subtract(String, String)
    }

    /// What was given, by name.
    public private(set) var given: [String: String] = [:]
    /// cleanup.policy: whether old entries are deleted.
    public private(set) var deletesOld = true
    /// cleanup.policy: whether only the newest record of each key is kept.
    public private(set) var isCompacted = false
    /// retention.ms; -1: for ever.
    public private(set) var retention: Int64 = 604_800_000
    /// retention.bytes, for each topic partition; -1: no bound.
    public private(set) var retentionBytes: Int64 = -1
    /// min.compaction.lag.ms
    public private(set) var minCompactionLag: Int64 = 0
    /// max.compaction.lag.ms
    public private(set) var maxCompactionLag: Int64 = .max
    /// delete.retention.ms: how long tombstones stay.
    public private(set) var tombstoneRetention: Int64 = 86_400_000
    /// min.cleanable.dirty.ratio
    public private(set) var dirtyRatio = 0.5
    /// message.timestamp.type: whether a record's time is that of its arrival.
    public private(set) var usesAppendTime = false
    /// max.message.bytes, for each batch.
    public private(set) var maxMessageBytes: Int64 = 1_048_588

    /// Kafka's defaults.
    public init() {}

    /// The defaults with what is given by name.
    public init(_ given: [String: String]) throws(Invalid) {
        for (name, value) in given.sorted(by: { $0.key < $1.key }) { try Self.check(name, value) }
        self.given = given
        let policy = Self.words(self["cleanup.policy"])
        deletesOld = policy.contains("delete")
        isCompacted = policy.contains("compact")
        retention = number("retention.ms")
        retentionBytes = number("retention.bytes")
        minCompactionLag = number("min.compaction.lag.ms")
        maxCompactionLag = number("max.compaction.lag.ms")
        tombstoneRetention = number("delete.retention.ms")
        dirtyRatio = Double(Self.trimmed(self["min.cleanable.dirty.ratio"])) ?? dirtyRatio
        usesAppendTime = Self.trimmed(self["message.timestamp.type"]) == "LogAppendTime"
        maxMessageBytes = number("max.message.bytes")
        if minCompactionLag > maxCompactionLag {
            throw Invalid(
                "conflict topic config setting min.compaction.lag.ms (\(minCompactionLag)) > "
                    + "max.compaction.lag.ms (\(maxCompactionLag))")
        }
    }

    /// The value by name, given or by default; empty for a name that there is not.
    public subscript(name: String) -> String { given[name] ?? Self.definitions[name]?.standard ?? "" }

    /// All settings, in the order of their names.
    public var entries: [Entry] {
        Self.definitions.sorted { $0.key < $1.key }.map { name, definition in
            Entry(name: name, value: self[name], isDefault: given[name] == nil, kind: definition.kind)
        }
    }

    /// These settings after some changes.
    public func applying(_ changes: [Change]) throws(Invalid) -> TopicSettings {
        var given = given
        for change in changes {
            switch change {
            case .set(let name, let value): given[name] = value
            case .delete(let name): given[name] = nil
            case .append(let name, let value):
                let old = try Self.words(list: name, given[name])
                given[name] = (old + Self.words(value).filter { !old.contains($0) }).joined(separator: ",")
            case .subtract(let name, let value):
                let gone = Self.words(value)
                given[name] = try Self.words(list: name, given[name]).filter { !gone.contains($0) }
                    .joined(separator: ",")
            }
        }
        return try TopicSettings(given)
    }

    // MARK: What there is

    private struct Definition: Sendable {
        var kind: Kind
        var standard: String
        var least = Int64.min
        var most = Int64.max
        var words: [String] = []
    }

    private static let definitions: [String: Definition] = [
        "cleanup.policy": Definition(kind: .list, standard: "delete", words: ["compact", "delete"]),
        "compression.gzip.level": Definition(kind: .int, standard: "-1", least: -1, most: 9),
        "compression.lz4.level": Definition(kind: .int, standard: "9", least: 1, most: 17),
        "compression.type": Definition(
            kind: .text, standard: "producer",
            words: ["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]),
        "compression.zstd.level": Definition(kind: .int, standard: "3", least: -131_072, most: 22),
        "delete.retention.ms": Definition(kind: .long, standard: "86400000", least: 0),
        "file.delete.delay.ms": Definition(kind: .long, standard: "60000", least: 0),
        "flush.messages": Definition(kind: .long, standard: "\(Int64.max)", least: 1),
        "flush.ms": Definition(kind: .long, standard: "\(Int64.max)", least: 0),
        "follower.replication.throttled.replicas": Definition(kind: .list, standard: ""),
        "index.interval.bytes": Definition(kind: .int, standard: "4096", least: 0),
        "leader.replication.throttled.replicas": Definition(kind: .list, standard: ""),
        "local.retention.bytes": Definition(kind: .long, standard: "-2", least: -2),
        "local.retention.ms": Definition(kind: .long, standard: "-2", least: -2),
        "max.compaction.lag.ms": Definition(kind: .long, standard: "\(Int64.max)", least: 1),
        "max.message.bytes": Definition(kind: .int, standard: "1048588", least: 0),
        "message.downconversion.enable": Definition(kind: .boolean, standard: "true"),
        "message.format.version": Definition(kind: .text, standard: "3.0-IV1"),
        "message.timestamp.after.max.ms": Definition(kind: .long, standard: "\(Int64.max)", least: 0),
        "message.timestamp.before.max.ms": Definition(kind: .long, standard: "\(Int64.max)", least: 0),
        "message.timestamp.difference.max.ms": Definition(kind: .long, standard: "\(Int64.max)", least: 0),
        "message.timestamp.type": Definition(
            kind: .text, standard: "CreateTime", words: ["CreateTime", "LogAppendTime"]),
        "min.cleanable.dirty.ratio": Definition(kind: .double, standard: "0.5"),
        "min.compaction.lag.ms": Definition(kind: .long, standard: "0", least: 0),
        "min.insync.replicas": Definition(kind: .int, standard: "1", least: 1),
        "preallocate": Definition(kind: .boolean, standard: "false"),
        "retention.bytes": Definition(kind: .long, standard: "-1"),
        "retention.ms": Definition(kind: .long, standard: "604800000", least: -1),
        "segment.bytes": Definition(kind: .int, standard: "1073741824", least: 14),
        "segment.index.bytes": Definition(kind: .int, standard: "10485760", least: 4),
        "segment.jitter.ms": Definition(kind: .long, standard: "0", least: 0),
        "segment.ms": Definition(kind: .long, standard: "604800000", least: 1),
        "unclean.leader.election.enable": Definition(kind: .boolean, standard: "false"),
    ]

    private static func check(_ name: String, _ value: String) throws(Invalid) {
        guard let definition = definitions[name] else { throw Invalid("Unknown topic config name: \(name)") }
        let text = trimmed(value)
        switch definition.kind {
        case .boolean:
            if !["true", "false"].contains(text.lowercased()) {
                throw Invalid(name, value, "Expected value to be either true or false")
            }
        case .int, .long:
            let isInt = definition.kind == .int
            guard let number = isInt ? Int32(text).map(Int64.init) : Int64(text) else {
                throw Invalid(name, value, "Not a number of type \(isInt ? "INT" : "LONG")")
            }
            if number < definition.least {
                throw Invalid(name, value, "Value must be at least \(definition.least)")
            }
            if number > definition.most {
                throw Invalid(name, value, "Value must be no more than \(definition.most)")
            }
        case .double:
            guard let number = Double(text) else {
                throw Invalid(name, value, "Not a number of type DOUBLE")
            }
            if !(number >= 0) { throw Invalid(name, value, "Value must be at least 0") }
            if number > 1 { throw Invalid(name, value, "Value must be no more than 1") }
        case .text, .list:
            let words = definition.kind == .list ? words(value) : [text]
            if !definition.words.isEmpty, !words.allSatisfy(definition.words.contains) {
                throw Invalid(
                    name, value, "String must be one of: \(definition.words.joined(separator: ", "))")
            }
        }
    }

    private func number(_ name: String) -> Int64 { Int64(Self.trimmed(self[name])) ?? 0 }

    private static func words(list name: String, _ value: String?) throws(Invalid) -> [String] {
        guard let definition = definitions[name] else { throw Invalid("Unknown topic config name: \(name)") }
        if definition.kind != .list {
            throw Invalid("Config value append is not allowed for config key: \(name)")
        }
        return words(value ?? definition.standard)
    }

    private static func words(_ value: String) -> [String] { value.split(separator: ",").map { trimmed($0) } }

    private static func trimmed(_ text: some StringProtocol) -> String {
        var rest = String(text)[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
