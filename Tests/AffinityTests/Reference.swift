import Contracts

/// The experts and the mixture of `next` once more, dense, in doubles and without regard to speed.
///
/// Learns from visits of one window, in which what is known of the population does not move: frequencies are
/// uniform, four of five stay, and nothing is known to follow anything.
struct Reference {
    private let partitions: Int
    private var last = -1
    private var lastTime: EventTime = 0
    private var decayed: [[Double]]
    private var fading: [Double]
    private var rows: [[Double]]
    private var weekParts: [[Double]]
    private(set) var weights = [Double](repeating: 1.0 / 13, count: 13)

    init(partitions: Int) {
        self.partitions = partitions
        fading = Array(repeating: 0, count: partitions)
        decayed = Array(repeating: fading, count: 3)
        rows = Array(repeating: fading, count: partitions)
        weekParts = Array(repeating: fading, count: 12)
    }

    /// What each expert gives each partition, in the order of their weights.
    func experts() -> [[Double]] {
        let uniform = Array(repeating: 1 / Double(partitions), count: partitions)
        let counts = decayed.map { smooth($0, 2, uniform) }
        let away = zip(counts[1], uniform).map { ($0 + $1) / 2 }
        let leaving = 1 - away[last]
        let staying = away.enumerated().map { $0 == last ? 0.8 : 0.2 * $1 / leaving }
        let markov = smooth(rows[last], 3, uniform)
        return [
            uniform, uniform, uniform, staying, counts[0], counts[1], counts[2], smooth(fading, 1, uniform),
            smooth(weekParts[weekPart(lastTime)], 4, counts[1]), markov, markov, markov, markov,
        ]
    }

    func mixture() -> [Double] {
        let experts = experts()
        return (0..<partitions).map { k in zip(weights, experts).reduce(0) { $0 + $1.0 * $1.1[k] } }
    }

    mutating func learn(_ partition: Int, at time: EventTime) {
        if last >= 0 {
            let posterior = zip(weights, experts()).map { $0 * $1[partition] }
            let total = posterior.reduce(0, +)
            weights = posterior.map { 0.98 * $0 / total + 0.02 / 13 }
            fade(&rows[last], 50, partition)
            weekParts[weekPart(lastTime)][partition] += 1
            fading = fading.map { $0 * halving(14 * Double(day) / Double(time - lastTime)) }
        }
        fading[partition] += 1
        for (i, halfLife) in [5.0, 20, 50].enumerated() { fade(&decayed[i], halfLife, partition) }
        last = partition
        lastTime = time
    }

    private func weekPart(_ time: EventTime) -> Int {
        let weekday = (time / day + 4) % 7
        return Int(time % day / (4 * hour)) + (weekday == 6 || weekday == 0 ? 6 : 0)
    }

    private func fade(_ counts: inout [Double], _ halfLife: Double, _ partition: Int) {
        counts = counts.map { $0 * halving(halfLife) }
        counts[partition] += 1
    }

    private func smooth(_ counts: [Double], _ by: Double, _ base: [Double]) -> [Double] {
        let total = counts.reduce(0, +) + by
        return zip(counts, base).map { ($0 + by * $1) / total }
    }
}
