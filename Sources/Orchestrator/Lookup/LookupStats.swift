internal import Contracts
internal import Synchronization

/// Counts look-ups and how long they took.
final class LookupStats: Sendable {
    /// Bounds of the buckets, in microseconds; beyond the last one more.
    static let bounds: [Int64] = [
        5, 10, 15, 20, 30, 40, 50, 75, 100, 150, 200, 300, 500, 750, 1_000, 2_000, 5_000, 10_000, 50_000,
    ]

    struct Snapshot: Sendable, Equatable {
        var buckets: [Int]
        var partitions: [Int]
        var failures: Int

        var total: Int { buckets.reduce(0, +) }

        /// The bound of the bucket in which the quantile lies, in microseconds; nil without look-ups.
        func quantile(_ q: Double) -> Int64? {
            if total == 0 { return nil }
            let rank = Int((Double(total) * q).rounded(.up))
            var seen = 0
            for (place, count) in buckets.enumerated() {
                seen += count
                if seen >= rank { return place < LookupStats.bounds.count ? LookupStats.bounds[place] : nil }
            }
            return nil
        }

        /// What came after `older`.
        func since(_ older: Snapshot) -> Snapshot {
            Snapshot(
                buckets: zip(buckets, older.buckets).map { $0 - $1 },
                partitions: zip(partitions, older.partitions).map { $0 - $1 },
                failures: failures - older.failures)
        }
    }

    private let buckets: [Counter]
    private let partitions: [Counter]
    private let failures = Counter()

    /// An atomic integer where an array can hold it.
    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    init(partitions count: Int) {
        buckets = (0...Self.bounds.count).map { _ in Counter() }
        partitions = (0..<count).map { _ in Counter() }
    }

    func count(_ partition: PartitionIndex) { partitions[Int(partition)].value.add(1, ordering: .relaxed) }

    func fail(_ kind: Problem.Kind) { failures.value.add(1, ordering: .relaxed) }

    func took(_ duration: Duration) {
        let micros = duration / .microseconds(1)
        let place = Self.bounds.firstIndex { Double($0) >= micros } ?? Self.bounds.count
        buckets[place].value.add(1, ordering: .relaxed)
    }

    var snapshot: Snapshot {
        Snapshot(
            buckets: buckets.map { $0.value.load(ordering: .relaxed) },
            partitions: partitions.map { $0.value.load(ordering: .relaxed) },
            failures: failures.value.load(ordering: .relaxed))
    }
}
