import Affinity
import Contracts
import Kafka
import Pipeline

/// Collects the accesses of a log for training, topic partition after topic partition.
struct AccessCollector {
    private struct Entry {
        var customer: Int
        var access: Access
        /// The newest event time of the topic partition by then.
        var reached: EventTime
    }

    /// How many records could not be used.
    private(set) var rejected = 0
    private let partitions: [String]
    private let limit: Int
    private var reader: AccessReader
    private var entries: [Entry] = []
    private var customers: [[UInt8]] = []
    private var numbers: [[UInt8]: Int] = [:]
    private var forgotten: Set<Int> = []
    private var topicPartition: Int32?
    private var reached = EventTime.min

    /// A collector for these partitions, which takes at most `limit` accesses.
    init(_ configuration: PipelineConfiguration, _ partitions: PartitionMap, limit: Int) {
        self.partitions = partitions.names
        self.limit = limit
        reader = AccessReader(configuration, partitions)
    }

    /// Takes a record of `interactions`. All of one topic partition come before those of the next.
    ///
    /// Who was forgotten is not learned from: a tombstone takes back what the customer did before it.
    mutating func add(_ record: borrowing Record) throws(CommandFailure) {
        if record.partition != topicPartition {
            topicPartition = record.partition
            reached = .min
        }
        switch reader.read(record) {
        case .other: break
        case .rejected: rejected += 1
        case .forget:
            if let number = numbers.removeValue(forKey: Self.key(record)) { forgotten.insert(number) }
        case .access(let access):
            guard entries.count < limit else { throw Self.tooMany(limit) }
            reached = max(reached, access.time)
            let number = self.number(Self.key(record))
            entries.append(Entry(customer: number, access: access, reached: reached))
        }
    }

    /// What is said where there are more accesses than are taken.
    static func tooMany(_ limit: Int) -> CommandFailure {
        .input(
            "there are more than \(limit) accesses: take fewer (--part, --from, --until), or allow more "
                + "(--max-accesses), for which there must be memory")
    }

    /// The first `part` of all accesses, and the `namesMax` most frequent names of each kind in them.
    ///
    /// Topic partitions are merged by event time, so that an engine sees them as they happened; within one the
    /// order of the log stays, late accesses included.
    func collected(part: Double, namesMax: Int, source: String) -> TrainingAccesses {
        let kept = entries.indices.filter { !forgotten.contains(entries[$0].customer) }
        let ordered = kept.sorted { (entries[$0].reached, $0) < (entries[$1].reached, $1) }
        let chosen = ordered.prefix(TrainingAccesses.end(of: ordered.count, part: part)).map { entries[$0] }
        func names(_ symbol: KeyPath<Access, UInt32>, _ known: [UInt32: String]) -> [String] {
            Self.frequent(chosen.lazy.map { $0.access[keyPath: symbol] }, known, limit: namesMax)
        }
        return TrainingAccesses(
            names: Model.Names(
                partitions: partitions, regions: names(\.region, reader.names.regions),
                domains: names(\.domain, reader.names.domains), kinds: names(\.kind, reader.names.kinds)),
            customers: customers, accesses: chosen.map { ($0.customer, $0.access) }, source: source)
    }

    /// The most frequent names, sorted; of equally frequent ones the first. What no model can name is left out.
    private static func frequent(
        _ symbols: some Sequence<UInt32>, _ known: [UInt32: String], limit: Int
    ) -> [String] {
        var counts: [UInt32: Int] = [:]
        for symbol in symbols { counts[symbol, default: 0] += 1 }
        let named = counts.compactMap { symbol, count in known[symbol].map { ($0, count) } }
            .filter { (1...256).contains($0.0.utf8.count) }
        return named.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(limit).map(\.0).sorted()
    }

    private mutating func number(_ key: [UInt8]) -> Int {
        if let number = numbers[key] { return number }
        numbers[key] = customers.count
        customers.append(key)
        return customers.count - 1
    }

    private static func key(_ record: borrowing Record) -> [UInt8] {
        record.key?.withUnsafeBytes { Array($0) } ?? []
    }
}
