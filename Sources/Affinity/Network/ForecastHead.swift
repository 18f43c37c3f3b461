/// Turns a customer's state, features and the experts' opinions into a distribution over partitions:
///
///     q = relu(A h + B f + b)
///     g = G q + gb
///     log p = log softmax(O q + ob + sum over e of g(e) * log p(e))
///
/// So it can weigh experts by the situation (a product of experts; Hinton 2002, "Training products of experts by
/// minimizing contrastive divergence") and correct what they say. Inference and training share this code.
package struct ForecastHead: Sendable {
    private let at: NetworkLayout.Head
    private let hiddenUnits: Int
    private let units: Int
    private let partitions: Int
    private let stride: Int

    package init(_ layout: NetworkLayout, _ head: NetworkHead) {
        at = layout.head(head)
        hiddenUnits = layout.shape.hidden
        units = layout.shape.headUnits
        partitions = layout.shape.partitions
        stride = layout.shape.partitionStride
    }

    /// What a forecast reads.
    package struct Inputs {
        var hidden: UnsafePointer<Float>
        var features: UnsafePointer<Float>
        var experts: UnsafePointer<Float>

        /// The state, the features and the experts' log probabilities, one row of the stride per expert.
        package init(
            hidden: UnsafePointer<Float>, features: UnsafePointer<Float>, experts: UnsafePointer<Float>
        ) {
            self.hidden = hidden
            self.features = features
            self.experts = experts
        }
    }

    /// Writes q, g and log p. Each q is multiplied by its element of `mask`, if there is one.
    ///
    /// What lies behind the last partition is not used, and log p is very negative there.
    package func forecast(
        _ weights: UnsafePointer<Float>, _ inputs: Inputs, mask: UnsafePointer<Float>? = nil,
        units q: UnsafeMutablePointer<Float>, gates g: UnsafeMutablePointer<Float>,
        logProbabilities: UnsafeMutablePointer<Float>
    ) {
        q.update(from: weights + at.bias, count: units)
        RowSums.add(
            inputs.hidden, count: hiddenUnits, rows: weights + at.hiddenWeights, rowStride: units,
            width: units, to: q)
        RowSums.add(
            inputs.features, count: at.features, rows: weights + at.featureWeights, rowStride: units,
            width: units, to: q)
        for c in Swift.stride(from: 0, to: units, by: 8) {
            let sum = RowSums.load(q + c)
            var kept = sum.replacing(with: 0, where: sum .< 0)
            if let mask { kept *= RowSums.load(mask + c) }
            RowSums.store(kept, q + c)
        }
        g.update(from: weights + at.gateBias, count: at.expertStride)
        RowSums.add(
            q, count: units, rows: weights + at.gate, rowStride: at.expertStride, width: at.expertStride,
            to: g)
        logProbabilities.update(from: weights + at.outputBias, count: stride)
        RowSums.add(
            q, count: units, rows: weights + at.output, rowStride: stride, width: stride,
            to: logProbabilities)
        RowSums.add(
            g, count: at.experts, rows: inputs.experts, rowStride: stride, width: stride,
            to: logProbabilities)
        normalise(logProbabilities)
    }

    /// Subtracts the logarithm of the sum of the exponentials of the partitions' values.
    private func normalise(_ values: UnsafeMutablePointer<Float>) {
        let last = values + (stride - 8)
        let lanes = SIMD8<Int32>(0, 1, 2, 3, 4, 5, 6, 7)
        let isBehind = lanes .>= Int32(partitions - (stride - 8))
        RowSums.store(RowSums.load(last).replacing(with: -1e30, where: isBehind), last)
        Kernels.normalise(values, count: stride)
    }
}
