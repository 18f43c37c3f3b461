public import Contracts

/// What a trace holds: enough to configure partitions and a demo for it.
public struct TraceSurvey: Sendable, Equatable {
    /// A region, or a domain in it, and how often it occurs.
    public struct Place: Sendable, Equatable {
        /// The region.
        public var region: String
        /// The domain; nil where only the region is meant, or is known.
        public var domain: String?
        /// Interactions from there.
        public var events: Int64

        /// The name of a partition that holds this place.
        public var partition: String { domain.map { "\(region)/\($0)" } ?? region }
    }

    /// Interactions whose customer, time and region are known.
    public private(set) var events: Int64 = 0
    /// Lines of a JSON file that lack one of these.
    public private(set) var unreadable: Int64 = 0
    /// Distinct customers, told apart by a 64-bit hash.
    public private(set) var customers: Int64 = 0
    /// The earliest time.
    public private(set) var first: EventTime?
    /// The latest time.
    public private(set) var last: EventTime?
    /// By how many milliseconds the latest comer is behind what came before it; 0 if times are in order.
    public private(set) var disorder: Int64 = 0
    /// Regions, sorted by name.
    public private(set) var regions: [Place] = []
    /// Regions and their domains, sorted by both names.
    public private(set) var places: [Place] = []

    /// Whether no interaction is earlier than the one before it.
    public var isInOrder: Bool { disorder == 0 }

    /// Reads all of `reader`; tells `progress`, if any, the fraction read at every thousandth record.
    ///
    /// Throws what the reader throws, at the first malformed row.
    public init(_ reader: consuming TraceReader, progress: ((Double) -> Void)? = nil) throws(TraceFailure) {
        var seen = Set<UInt64>()
        var counts: [Spot: Int64] = [:]
        while let record = try reader.next() {
            add(record, customers: &seen, counts: &counts)
            if let progress, (events + unreadable) % 1_000 == 0, let part = reader.fraction { progress(part) }
        }
        customers = Int64(seen.count)
        places = Self.sorted(counts)
        var perRegion: [Spot: Int64] = [:]
        for place in places { perRegion[Spot(region: place.region), default: 0] += place.events }
        regions = Self.sorted(perRegion)
    }

    private struct Spot: Hashable {
        var region: String
        var domain: String?
    }

    private mutating func add(
        _ record: TraceRecord, customers: inout Set<UInt64>, counts: inout [Spot: Int64]
    ) {
        guard !record.key.isEmpty, let time = record.time, let region = record.region else {
            unreadable += 1
            return
        }
        events += 1
        let domain = record.domain.flatMap { $0.isEmpty ? nil : $0 }
        customers.insert(ByteHash.hash(record.key.span.bytes))
        counts[Spot(region: region, domain: domain), default: 0] += 1
        first = min(first ?? time, time)
        if let last { disorder = max(disorder, last - time) }
        last = max(last ?? time, time)
    }

    private static func sorted(_ counts: [Spot: Int64]) -> [Place] {
        counts.map { Place(region: $0.key.region, domain: $0.key.domain, events: $0.value) }
            .sorted { ($0.region, $0.domain ?? "") < ($1.region, $1.domain ?? "") }
    }
}

extension TraceSurvey: CustomStringConvertible {
    /// A few lines for people.
    public var description: String {
        let span = if let first, let last { "\(first) to \(last)" } else { "none" }
        let order = isInOrder ? "in order" : "up to \(disorder) ms out of order"
        return """
            \(events) events of \(customers) customers, \(unreadable) lines that cannot be read
            times \(span) (epoch ms), \(order)
            \(regions.count) regions, \(places.count) pairs of region and domain
            """
    }
}
