import Contracts

/// The experts and the mixture of `next` once more, dense, in doubles and without regard to speed.
///
/// Learns from visits of one window, in which the population's counts do not move: frequencies are uniform
/// and no transition is known of the population.
struct Reference {
    private let partitions: Int
    private var home = -1
    private var last = -1
    private var lastHour = 0
    private var decayed: [[Double]]
    private var rows: [[Double]]
    private var hours: [[Double]]
    private(set) var weights = [Double](repeating: 1.0 / 8, count: 8)

    init(partitions: Int) {
        self.partitions = partitions
        decayed = Array(repeating: Array(repeating: 0, count: partitions), count: 3)
        rows = Array(repeating: Array(repeating: 0, count: partitions), count: partitions)
        hours = Array(repeating: Array(repeating: 0, count: partitions), count: 168)
    }

    /// What each expert gives each partition.
    func experts() -> [[Double]] {
        let uniform = Array(repeating: 1 / Double(partitions), count: partitions)
        let counts = decayed.map { smooth($0, 2, uniform) }
        return [
            point(home), point(last), counts[0], counts[1], counts[2], smooth(hours[lastHour], 3, counts[1]),
            smooth(rows[last], 3, uniform), uniform,
        ]
    }

    func mixture() -> [Double] {
        let experts = experts()
        return (0..<partitions).map { k in zip(weights, experts).reduce(0) { $0 + $1.0 * $1.1[k] } }
    }

    mutating func learn(_ partition: Int, hour: Int) {
        if home < 0 {
            home = partition
        } else {
            let posterior = zip(weights, experts()).map { $0 * $1[partition] }
            let total = posterior.reduce(0, +)
            weights = posterior.map { 0.98 * $0 / total + 0.02 / 8 }
            fade(&rows[last], 50, partition)
            fade(&hours[lastHour], 50, partition)
        }
        for (i, halfLife) in [5.0, 20, 50].enumerated() { fade(&decayed[i], halfLife, partition) }
        last = partition
        lastHour = hour
    }

    private func fade(_ counts: inout [Double], _ halfLife: Double, _ partition: Int) {
        counts = counts.map { $0 * halving(halfLife) }
        counts[partition] += 1
    }

    private func smooth(_ counts: [Double], _ by: Double, _ base: [Double]) -> [Double] {
        let total = counts.reduce(0, +) + by
        return zip(counts, base).map { ($0 + by * $1) / total }
    }

    private func point(_ partition: Int) -> [Double] {
        (0..<partitions).map { ($0 == partition ? 1.001 : 0.001) / (1 + Double(partitions) * 0.001) }
    }
}
