/// The configured partitions: which region and domain each one holds, and its place in vectors.
///
/// A partition is named `region` or `region/domain`. An interaction resolves to its `region/domain` if that
/// is listed, else to its `region`, else to nothing.
public struct PartitionMap: Sendable, Equatable {
    /// Why a list of names cannot be used.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// No partitions were listed. List at least one.
        case empty
        /// More were listed than `limit`.
        case tooMany(Int, limit: Int)
        /// The name stands twice in the list. Remove one.
        case duplicate(String)
        /// The name is empty, over 256 bytes, or holds control characters.
        case malformed(String)

        /// The reason, for people.
        public var description: String {
            switch self {
            case .empty: "no partitions are configured; list at least one"
            case .tooMany(let count, let limit): "\(count) partitions are configured; at most \(limit) can be"
            case .duplicate(let name): "partition '\(name)' is listed twice"
            case .malformed(let name):
                "partition name '\(name)' is malformed: 1 to 256 bytes without control characters are needed"
            }
        }
    }

    /// The most partitions a map takes.
    public static let limit = 4_096

    /// The names, in the order of the configuration: the index of a name is its `PartitionIndex`.
    public let names: [String]

    private let index: TextIndex

    /// How many partitions there are.
    public var count: Int { names.count }

    /// Reads the configured names.
    public init(_ names: [String]) throws(Failure) {
        if names.isEmpty { throw .empty }
        if names.count > Self.limit { throw .tooMany(names.count, limit: Self.limit) }
        var seen = Set<String>()
        for name in names {
            let bytes = name.utf8
            if bytes.isEmpty || bytes.count > 256 || bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
                throw .malformed(name)
            }
            if !seen.insert(name).inserted { throw .duplicate(name) }
        }
        self.names = names
        index = TextIndex(names)
    }

    /// The partition of a region and domain, or nil if neither is listed.
    public func resolve(region: RawSpan, domain: RawSpan?) -> PartitionIndex? {
        if let domain, let found = index.find(region, slash: domain) { return found }
        return index.find(region)
    }

    /// The partition of that name, or nil if it is not listed.
    public func find(_ name: RawSpan) -> PartitionIndex? { index.find(name) }

    /// The partition of that name, or nil if it is not listed.
    public func find(_ name: String) -> PartitionIndex? {
        index.find(name.utf8Span.span.bytes)
    }
}
