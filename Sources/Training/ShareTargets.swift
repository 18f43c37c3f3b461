import Affinity

/// What the head `share` is to forecast: of each access, the discounted share s of each partition in it and the
/// customer's accesses after it,
///
///     s(i) = (1 - d) [where access i is] + d s(i + 1)
///
/// Of the last n accesses of a sequence s sums to 1 - d^n: the rest lies in the unknown future. Its cross
/// entropy is not scaled up to make good for that, so that what is known little about counts little.
struct ShareTargets: Sendable {
    private let partitions: Int
    private var shares: [Float]

    init(_ set: TrainingSet, _ sequences: Sequences, discount: Float) {
        partitions = set.shape.partitions
        shares = [Float](repeating: 0, count: set.count * partitions)
        for customer in sequences.customers {
            var later: Int?
            for i in customer.reversed() {
                let at = Int(sequences.accesses[Int(i)])
                if let later {
                    for k in 0..<partitions {
                        shares[at * partitions + k] = discount * shares[later * partitions + k]
                    }
                }
                shares[at * partitions + Int(set.records[at].target)] += 1 - discount
                later = at
            }
        }
    }

    /// The cross entropy of a forecast with the shares of access `i`, and what these sum to.
    @inline(__always)
    func entropy(_ logProbabilities: UnsafePointer<Float>, of i: Int) -> (loss: Double, mass: Double) {
        var (loss, mass) = (0.0, 0.0)
        shares.withUnsafeBufferPointer { all in
            for k in 0..<partitions {
                let share = Double(all[i * partitions + k])
                loss -= share * Double(logProbabilities[k])
                mass += share
            }
        }
        return (loss, mass)
    }

    /// Subtracts the shares of access `i`.
    @inline(__always)
    func subtract(_ i: Int, from values: UnsafeMutablePointer<Float>) {
        shares.withUnsafeBufferPointer { all in
            for k in 0..<partitions { values[k] -= all[i * partitions + k] }
        }
    }
}
