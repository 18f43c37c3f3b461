import Affinity

/// Adam (Kingma and Ba 2015, "Adam: a method for stochastic optimization") with decoupled weight decay
/// (Loshchilov and Hutter 2019, "Decoupled weight decay regularization"), on gradients that are shortened when
/// they are too long (Pascanu et al. 2013, "On the difficulty of training recurrent neural networks").
final class Optimiser {
    private static let firstDecay: Float = 0.9
    private static let secondDecay: Float = 0.999
    private static let epsilon: Float = 1e-8

    let weights: FloatBuffer
    let first: FloatBuffer
    let second: FloatBuffer
    private(set) var steps: Int
    private let gradient: FloatBuffer

    init(weights: [Float]) {
        self.weights = FloatBuffer(weights)
        first = FloatBuffer(weights.count)
        second = FloatBuffer(weights.count)
        gradient = FloatBuffer(weights.count)
        steps = 0
    }

    init(_ checkpoint: TrainingCheckpoint) {
        weights = FloatBuffer(checkpoint.weights)
        first = FloatBuffer(checkpoint.firstMoments)
        second = FloatBuffer(checkpoint.secondMoments)
        gradient = FloatBuffer(checkpoint.weights.count)
        steps = checkpoint.steps
    }

    /// A step along the mean gradient of `examples` examples, whose sum is that of the eight parts. They are
    /// added in a fixed order, so that it does not matter who computed them.
    func step(_ parts: [FloatBuffer], examples: Int, rate: Float, weightDecay: Float, lengthMax: Float) {
        guard examples > 0 else { return }
        steps += 1
        let squares = addUp(parts, scale: 1 / Float(examples))
        let length = RowSums.total(squares).squareRoot()
        let shortening = length > lengthMax ? lengthMax / length : 1
        let (firstLeft, secondLeft) = (1 - power(Self.firstDecay), 1 - power(Self.secondDecay))
        let stepSize = rate / firstLeft
        for c in stride(from: 0, to: weights.count, by: 8) {
            let g = RowSums.load(gradient.base + c) * shortening
            let m = RowSums.load(first.base + c) * Self.firstDecay + g * (1 - Self.firstDecay)
            let v = RowSums.load(second.base + c) * Self.secondDecay + g * g * (1 - Self.secondDecay)
            let w = RowSums.load(weights.base + c)
            let deviation = (v * (1 / secondLeft)).squareRoot() + Self.epsilon
            RowSums.store(m, first.base + c)
            RowSums.store(v, second.base + c)
            RowSums.store(w - m * stepSize / deviation - w * (rate * weightDecay), weights.base + c)
        }
    }

    /// Leaves the scaled sum of the parts in `gradient` and returns the sums of its squares.
    private func addUp(_ parts: [FloatBuffer], scale: Float) -> SIMD8<Float> {
        precondition(parts.count == TrainingGroups.count, "gradients come in eight parts")
        let p = parts.map(\.base)
        var squares = SIMD8<Float>()
        for c in stride(from: 0, to: weights.count, by: 8) {
            let left = (RowSums.load(p[0] + c) + RowSums.load(p[1] + c))
            let right = (RowSums.load(p[2] + c) + RowSums.load(p[3] + c))
            let next = (RowSums.load(p[4] + c) + RowSums.load(p[5] + c))
            let last = (RowSums.load(p[6] + c) + RowSums.load(p[7] + c))
            let sum = ((left + right) + (next + last)) * scale
            squares += sum * sum
            RowSums.store(sum, gradient.base + c)
        }
        return squares
    }

    /// A decay to the power of the steps, by squaring.
    private func power(_ decay: Float) -> Float {
        var (result, square, left) = (1.0, Double(decay), steps)
        while left > 0 {
            if left & 1 == 1 { result *= square }
            square *= square
            left >>= 1
        }
        return Float(result)
    }
}
