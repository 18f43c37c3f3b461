import Contracts

/// The last step of a forecast: the probability of its top partition is made to come true as often as it says.
///
/// The log loss of a forecast is that of saying whether the access will be at the top partition, plus, where it is
/// not, that of saying where else. So the first part can be calibrated alone: the top's probability p becomes q,
/// logit q = logit p + c(p), and the others are scaled by (1 - q) / (1 - p). The correction c is piecewise linear in
/// p (Platt 1999 has one line for all p). Its nodes follow the log loss by Newton steps whose curvature fades
/// (recursive estimation with forgetting: Ljung and Soderstrom 1983), so they keep up where the pool, whose steps
/// become ever smaller, would not.
///
/// Gradients are added up in fixed point and applied at window boundaries.
struct Calibration {
    /// A forecast's top: how likely it was said to be, and how likely it is taken to be.
    struct Top {
        var partition = 0
        var said: Float = 1
        var taken: Float = 1
    }

    private static let nodes = 9
    private static let one = 1_048_576.0
    /// The curvature that holds a node near 0: that of some 200 accesses.
    private static let firstCurvature = 40.0
    /// Half-life of the curvature, in accesses that were learned from.
    private static let halfLife = 5_000.0
    private static let limit: Float = 2

    private var corrections = [Float](repeating: 0, count: nodes)
    private var curvatures = [Double](repeating: 0, count: nodes)
    private var gradients = [Int64](repeating: 0, count: nodes)
    private var freshCurvatures = [Int64](repeating: 0, count: nodes)
    private var samples: Int64 = 0

    /// What a probability of the top partition is to be taken for. As of the last boundary.
    @inline(__always)
    func top(_ partition: Int, said: Float) -> Top {
        let p = min(0.999_999, max(0.000_001, said))
        let (node, part) = Self.place(p)
        let correction = corrections[node] + (corrections[node + 1] - corrections[node]) * part
        let odds = p / (1 - p) * FloatMath.exp(SIMD8(repeating: correction))[0]
        return Top(partition: partition, said: p, taken: odds / (1 + odds))
    }

    @inline(__always)
    private static func place(_ p: Float) -> (node: Int, part: Float) {
        let at = min(0.9999, p) * Float(nodes - 1)
        return (Int(at), at - Float(Int(at)))
    }

    /// Counts whether an access was at the top partition.
    mutating func count(_ top: Top, isThere: Bool) {
        let gradient = Double(top.taken) - (isThere ? 1 : 0)
        let curvature = Double(top.taken) * Double(1 - top.taken)
        let (node, part) = Self.place(top.said)
        for (node, part) in [(node, Double(1 - part)), (node + 1, Double(part))] {
            gradients[node] &+= Int64(gradient * part * Self.one)
            freshCurvatures[node] &+= Int64(curvature * part * Self.one)
        }
        samples += 1
    }

    /// Applies what was counted since the last boundary.
    mutating func freeze() {
        if samples == 0 { return }
        let left = Double(Decay.halved(times: Double(samples) / Self.halfLife))
        for i in 0..<Self.nodes {
            curvatures[i] = curvatures[i] * left + Double(freshCurvatures[i]) / Self.one
            let step = Double(gradients[i]) / Self.one / (curvatures[i] + Self.firstCurvature)
            let moved = corrections[i] - Float(max(-0.2, min(0.2, step)))
            corrections[i] = min(Self.limit, max(-Self.limit, moved))
            gradients[i] = 0
            freshCurvatures[i] = 0
        }
        samples = 0
    }

    /// Writes what was learned, and what waits for the next boundary.
    func encode(into state: inout StateWriter) {
        state.write(samples)
        for i in 0..<Self.nodes {
            state.write(corrections[i])
            state.write(curvatures[i])
            state.write(gradients[i])
            state.write(freshCurvatures[i])
        }
    }

    /// Takes over what `encode` wrote.
    mutating func restore(_ reader: inout StateReader) throws(StateFailure) {
        samples = try reader.read(in: 0...1 << 50, "samples")
        for i in 0..<Self.nodes {
            corrections[i] = try reader.read()
            curvatures[i] = try reader.read()
            if !(corrections[i].magnitude <= Self.limit) || !(0...1e15).contains(curvatures[i]) {
                throw .outOfRange("a correction")
            }
            gradients[i] = try reader.read()
            freshCurvatures[i] = try reader.read(in: 0...1 << 60, "a curvature")
        }
    }
}
