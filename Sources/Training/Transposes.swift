import Affinity

/// The matrices that gradients go back through, by output instead of by input, so that this, too, adds up rows.
final class Transposes {
    /// Those of a head.
    struct Head {
        /// Head units x hidden units.
        var hidden = 0
        /// Partitions x head units.
        var output = 0
        /// Experts x head units.
        var gate = 0
    }

    /// 3H x H: the recurrent matrix.
    let recurrent = 0
    private(set) var heads: [Head] = []
    private let layout: NetworkLayout
    private let buffer: FloatBuffer

    init(_ layout: NetworkLayout) {
        self.layout = layout
        let shape = layout.shape
        var end = 3 * shape.hidden * shape.hidden
        for head in NetworkHead.allCases {
            let at = layout.head(head)
            let hidden = end
            let output = hidden + shape.headUnits * shape.hidden
            let gate = output + shape.partitions * shape.headUnits
            end = gate + at.experts * shape.headUnits
            heads.append(Head(hidden: hidden, output: output, gate: gate))
        }
        buffer = FloatBuffer(end)
    }

    var base: UnsafePointer<Float> { UnsafePointer(buffer.base) }

    func update(from weights: UnsafePointer<Float>) {
        let shape = layout.shape
        transpose(weights + layout.cell.hidden, shape.hidden, 3 * shape.hidden, 3 * shape.hidden, recurrent)
        for (i, head) in NetworkHead.allCases.enumerated() {
            let at = layout.head(head)
            transpose(
                weights + at.hiddenWeights, shape.hidden, shape.headUnits, shape.headUnits, heads[i].hidden)
            transpose(
                weights + at.output, shape.headUnits, shape.partitions, shape.partitionStride,
                heads[i].output)
            transpose(weights + at.gate, shape.headUnits, at.experts, at.expertStride, heads[i].gate)
        }
    }

    private func transpose(
        _ matrix: UnsafePointer<Float>, _ rows: Int, _ columns: Int, _ stride: Int, _ offset: Int
    ) {
        let to = buffer.base + offset
        for row in 0..<rows {
            for column in 0..<columns { to[column * rows + row] = matrix[row * stride + column] }
        }
    }
}
