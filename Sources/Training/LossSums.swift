import Affinity

/// Sums that losses are means of.
struct LossSums: Sendable {
    private var losses = SIMD4<Double>()
    private(set) var examples = 0
    /// What all shares sum to.
    private var shareMass = 0.0

    /// The loss of an example of `head`, whose target sums to `mass`.
    @inline(__always)
    mutating func add(_ loss: Double, _ head: NetworkHead, mass: Double) {
        losses[head.rawValue] += loss
        switch head {
        case .next: examples += 1
        case .nextAtTime: break
        case .share: shareMass += mass
        }
    }

    mutating func add(_ other: LossSums) {
        losses += other.losses
        examples += other.examples
        shareMass += other.shareMass
    }

    /// All losses together, without dividing.
    var total: Double { losses.sum() }

    var means: HeadLosses {
        let count = Double(max(examples, 1))
        var means = HeadLosses()
        means.next = losses[NetworkHead.next.rawValue] / count
        means.nextAtTime = losses[NetworkHead.nextAtTime.rawValue] / count
        means.share = shareMass > 0 ? losses[NetworkHead.share.rawValue] / shareMass : 0
        return means
    }
}
