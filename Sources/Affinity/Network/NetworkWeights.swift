/// The weights of a network: one flat array, laid out as `NetworkLayout` says.
public struct NetworkWeights: Sendable {
    /// Where each tensor lies.
    public let layout: NetworkLayout
    /// All tensors. What lies between the rows of a tensor is zero.
    public package(set) var values: [Float]

    /// Weights that are all zero. The shape must be valid.
    public init(zeros shape: NetworkShape) {
        layout = NetworkLayout(shape)
        values = [Float](repeating: 0, count: layout.count)
    }

    /// Weights to start training from, the same for the same seed on every machine. The shape must be valid.
    ///
    /// Unknown symbols start without influence, update gates start nearly closed (a bias of -1 lets a state
    /// forget quickly until it learns not to), and heads start as the mean of their experts' log probabilities.
    public init(_ shape: NetworkShape, seed: UInt64) {
        self.init(zeros: shape)
        var chance = SplitMix64(seed: seed)
        for tensor in layout.tensors {
            let inputs = Float(max(1, tensor.rows ?? 1)).squareRoot()
            switch tensor.name {
            case "cell.partition", "cell.region", "cell.domain", "cell.kind":
                fill(tensor, 0.15, from: 1, &chance)
            case "cell.dense": fill(tensor, 0.3 / inputs, &chance)
            case "cell.hidden": fill(tensor, 0.5 / inputs, &chance)
            case "cell.bias":
                for i in shape.hidden..<2 * shape.hidden { values[tensor.offset + i] = -1 }
            default: fillHead(tensor, inputs, &chance)
            }
        }
    }

    private mutating func fillHead(_ tensor: NetworkTensor, _ inputs: Float, _ chance: inout SplitMix64) {
        switch tensor.name.split(separator: ".").last {
        case "hidden", "features":
            let isTimed = tensor.name.hasPrefix(NetworkHead.nextAtTime.name)
            let features = layout.shape.features(of: isTimed ? .nextAtTime : .next)
            fill(tensor, 1 / Float(layout.shape.hidden + features).squareRoot(), &chance)
        case "output": fill(tensor, 0.1 / inputs, &chance)
        case "gate": fill(tensor, 0.05 / inputs, &chance)
        case "gate_bias":
            for i in 0..<tensor.columns { values[tensor.offset + i] = 1 / Float(tensor.columns) }
        default: break
        }
    }

    /// Random weights from row `first` on.
    private mutating func fill(
        _ tensor: NetworkTensor, _ deviation: Float, from first: Int = 0, _ chance: inout SplitMix64
    ) {
        for row in first..<max(first, tensor.rows ?? 1) {
            let start = tensor.offset + row * tensor.stride
            for i in start..<start + tensor.columns { values[i] = chance.normal() * deviation }
        }
    }

    /// Whether none is infinite or NaN.
    public var areFinite: Bool { values.allSatisfy { $0.isFinite } }
}
