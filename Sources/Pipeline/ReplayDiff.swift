public import Contracts
public import Kafka

/// The same history under two configurations, and what would have been different.
public final class ReplayDiff {
    /// Where the commands of one shadow first part.
    public struct ShadowDifference: Sendable, Equatable, Codable {
        /// The shadow.
        public var shadow: String
        /// The first command that the other has not; nil if there is none here.
        public var first: ReplayedCommand?
        /// The same of the second configuration.
        public var second: ReplayedCommand?
    }

    /// All that differs.
    public struct Report: Sendable, Equatable, Codable {
        /// What the first configuration makes.
        public var first: ReplayTotals
        /// What the second one makes.
        public var second: ReplayTotals
        /// Commands that only the first one gives.
        public var onlyFirst: [ReplayedCommand]
        /// Commands that only the second one gives.
        public var onlySecond: [ReplayedCommand]
        /// Where each shadow's commands first part, ordered by window.
        public var shadows: [ShadowDifference]
        /// Customers with a vector under either.
        public var customers: Int
        /// Customers whose coming accesses are expected mostly elsewhere at the end.
        public var customersElsewhere: Int

        /// Whether anything that acts would have been different.
        public var isEmpty: Bool { onlyFirst.isEmpty && onlySecond.isEmpty && customersElsewhere == 0 }
    }

    private struct Side {
        var replay: PipelineReplay
        var names: [String]
        var decoder: VectorSummaryDecoder

        init(_ configuration: PipelineConfiguration, _ partitions: PartitionMap, _ taskCount: Int32) {
            replay = PipelineReplay(configuration, partitions, taskCount: taskCount)
            names = partitions.names
            decoder = VectorSummaryDecoder(partitions: partitions)
        }

        /// The partition where most accesses are expected; nil if the customer was forgotten.
        mutating func top(_ vector: RawSpan?) -> PartitionIndex? {
            guard let vector else { return nil }
            do throws(Rejection) { try decoder.decode(vector) } catch { return nil }
            var top: (partition: PartitionIndex, units: ProbabilityUnits)?
            for share in decoder.shares where share.units > top?.units ?? 0 { top = share }
            return top?.partition
        }
    }

    private struct Tops {
        var first: PartitionIndex?
        var second: PartitionIndex?
    }

    private var first: Side
    private var second: Side
    private var tops: [[UInt8]: Tops] = [:]

    /// Two pipelines that know nothing yet.
    public init(
        _ first: (PipelineConfiguration, PartitionMap), _ second: (PipelineConfiguration, PartitionMap),
        taskCount: Int32
    ) {
        self.first = Side(first.0, first.1, taskCount)
        self.second = Side(second.0, second.1, taskCount)
    }

    /// Applies a record under both.
    public func apply(_ record: borrowing Record, from input: PipelineReplay.Input) {
        first.replay.apply(record, from: input) { vector in
            let top = first.top(vector.value)
            note(vector) { $0.first = top }
        }
        second.replay.apply(record, from: input) { vector in
            let top = second.top(vector.value)
            note(vector) { $0.second = top }
        }
    }

    private func note(_ vector: borrowing Record, _ change: (inout Tops) -> Void) {
        // A mark carries progress, and is nobody's vector.
        guard let key = vector.key, !vector.hasHeaders else { return }
        change(&tops[key.withUnsafeBytes { Array($0) }, default: Tops()])
    }

    /// What differs so far.
    public var report: Report {
        let (a, b) = (first.replay.commands, second.replay.commands)
        let customers = tops.values.filter { $0.first != nil || $0.second != nil }
        return Report(
            first: first.replay.totals, second: second.replay.totals, onlyFirst: Self.only(a, b),
            onlySecond: Self.only(b, a), shadows: Self.partings(a, b), customers: customers.count,
            customersElsewhere: customers.count {
                $0.first.map { first.names[Int($0)] } != $0.second.map { second.names[Int($0)] }
            })
    }

    /// The commands of `some` that say what none of `others` says.
    private static func only(_ some: [ReplayedCommand], _ others: [ReplayedCommand]) -> [ReplayedCommand] {
        let known = Set(others.map(\.meaning))
        return some.filter { !known.contains($0.meaning) }
    }

    private static func partings(_ a: [ReplayedCommand], _ b: [ReplayedCommand]) -> [ShadowDifference] {
        let first = Dictionary(grouping: a, by: \.shadow)
        let second = Dictionary(grouping: b, by: \.shadow)
        let found = Set(first.keys).union(second.keys).compactMap { shadow -> ShadowDifference? in
            let (a, b) = (first[shadow] ?? [], second[shadow] ?? [])
            let same = zip(a, b).prefix { $0.means($1) }.count
            if same == a.count && same == b.count { return nil }
            return ShadowDifference(
                shadow: shadow, first: a.dropFirst(same).first, second: b.dropFirst(same).first)
        }
        return found.sorted { (window($0), $0.shadow) < (window($1), $1.shadow) }
    }

    private static func window(_ difference: ShadowDifference) -> EventTime {
        min(difference.first?.windowEnd ?? .max, difference.second?.windowEnd ?? .max)
    }
}
