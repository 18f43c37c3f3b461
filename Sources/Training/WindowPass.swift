import Affinity

/// The way forward and back over windows of examples: losses and their gradient by all weights.
///
/// Gradients are followed back to the beginning of the window, while states go on from window to window
/// (truncated back-propagation through time; Williams and Peng 1990, "An efficient gradient-based algorithm for
/// on-line training of recurrent network trajectories"). Heads do not depend on later steps, so each goes back
/// as soon as it went forward.
final class WindowPass {
    let set: TrainingSet
    let layout: NetworkLayout
    let shape: NetworkShape
    let tape: Tape
    /// The sum of the gradients, laid out as the weights are.
    let gradient: FloatBuffer
    /// The sum of the losses.
    var losses = LossSums()

    private let dropout: Float
    private let cell: RecurrentCell
    private let heads: [ForecastHead]

    init(_ set: TrainingSet, _ layout: NetworkLayout, window: Int, dropout: Double) {
        self.set = set
        self.layout = layout
        shape = layout.shape
        self.dropout = Float(dropout)
        tape = Tape(layout, steps: window)
        gradient = FloatBuffer(layout.count)
        cell = RecurrentCell(layout)
        heads = NetworkHead.allCases.map { ForecastHead(layout, $0) }
    }

    /// What a window is passed with.
    struct Context {
        var weights: UnsafePointer<Float>
        var transposes: Transposes
        var shares: ShareTargets
    }

    func clear() {
        gradient.clear()
        losses = LossSums()
    }

    /// Adds a window's losses and gradient. `state` is the lane's, which the window takes further.
    func run(
        _ examples: ArraySlice<Example>, _ context: Context, state: UnsafeMutablePointer<Float>,
        chance: consuming SplitMix64
    ) {
        guard !examples.isEmpty else { return }
        let units = shape.hidden
        tape.states.base.update(from: state, count: units)
        for (step, example) in examples.enumerated() {
            forward(step, example, context)
            for head in NetworkHead.allCases {
                drawMasks(&chance)
                pass(head, step, Int(example.target), context)
            }
        }
        state.update(from: tape.states.base + examples.count * units, count: units)
        backward(examples, context)
        addCellGradients(examples)
        for head in NetworkHead.allCases { addGradients(head, steps: examples.count) }
    }

    private func forward(_ step: Int, _ example: Example, _ context: Context) {
        let units = shape.hidden
        let state = tape.states.base + step * units
        if example.isFirst { state.update(repeating: 0, count: units) }
        let dense = tape.dense.base + step * shape.denseInputs
        copy(set.dense, Int(example.input), shape.denseInputs, to: dense)
        copy(set.features, Int(example.target), set.featureWidth, to: features(step))
        cell.step(
            context.weights, symbols: set.records[Int(example.input)].symbols, dense: dense, hidden: state,
            gates: tape.gates.base + step * 4 * units, next: state + units)
        set.codes.withUnsafeBufferPointer { codes in
            guard let codes = codes.baseAddress else { return }
            LogCodes.decode(
                codes + Int(example.target) * set.codeWidth, count: set.codeWidth, to: tape.experts.base)
        }
        (tape.stateGradients.base + step * units).update(repeating: 0, count: units)
    }

    private func features(_ step: Int) -> UnsafeMutablePointer<Float> {
        tape.features.base + step * set.featureWidth
    }

    private func copy(_ from: [Float], _ row: Int, _ width: Int, to: UnsafeMutablePointer<Float>) {
        from.withUnsafeBufferPointer { all in
            if let all = all.baseAddress { to.update(from: all + row * width, count: width) }
        }
    }

    /// Leaves each unit out at random and scales the others up, so that the sum stays the same (Srivastava et
    /// al. 2014, "Dropout: a simple way to prevent neural networks from overfitting").
    private func drawMasks(_ chance: inout SplitMix64) {
        let masks = tape.masks
        guard dropout > 0 else { return masks.base.update(repeating: 1, count: masks.count) }
        let kept = 1 / (1 - dropout)
        let limit = UInt64(dropout * 65_536)
        for start in stride(from: 0, to: masks.count, by: 4) {
            let bits = chance.next()
            for i in 0..<4 {
                masks.base[start + i] = (bits >> UInt64(16 * i)) & 0xFFFF < limit ? 0 : kept
            }
        }
    }

    /// A head's forecast of a step's target, its loss, and the loss's gradient back to the state.
    private func pass(_ head: NetworkHead, _ step: Int, _ target: Int, _ context: Context) {
        let at = layout.head(head)
        let trace = tape.heads[head.rawValue]
        let (units, headUnits, stride) = (shape.hidden, shape.headUnits, shape.partitionStride)
        let hidden = trace.hidden.base + step * units
        let q = trace.units.base + step * headUnits
        multiply(tape.states.base + (step + 1) * units, tape.masks.base, to: hidden, count: units)
        heads[head.rawValue].forecast(
            context.weights,
            ForecastHead.Inputs(hidden: hidden, features: features(step), experts: tape.experts.base),
            mask: tape.masks.base + units, units: q, gates: tape.expertGates.base,
            logProbabilities: tape.logProbabilities.base)

        let logits = trace.logitGradients.base + step * stride
        score(head, target, context.shares, gradient: logits)
        let gates = trace.gateGradients.base + step * at.expertStride
        for e in 0..<at.experts {
            gates[e] = RowSums.dot(logits, tape.experts.base + e * stride, width: stride)
        }
        let transposes = context.transposes.heads[head.rawValue]
        let back = context.transposes.base
        let dq = trace.unitGradients.base + step * headUnits
        dq.update(repeating: 0, count: headUnits)
        RowSums.add(
            logits, count: shape.partitions, rows: back + transposes.output, rowStride: headUnits,
            width: headUnits, to: dq)
        RowSums.add(
            gates, count: at.experts, rows: back + transposes.gate, rowStride: headUnits, width: headUnits,
            to: dq)
        rectify(dq, q, tape.masks.base + units)
        let dh = tape.scratch.base
        dh.update(repeating: 0, count: units)
        RowSums.add(
            dq, count: headUnits, rows: back + transposes.hidden, rowStride: units, width: units, to: dh)
        let sum = tape.stateGradients.base + step * units
        for c in Swift.stride(from: 0, to: units, by: 8) {
            let part = RowSums.load(dh + c) * RowSums.load(tape.masks.base + c)
            RowSums.store(RowSums.load(sum + c) + part, sum + c)
        }
    }

    /// Adds the loss of the forecast at hand and writes its gradient by the logits: forecast less target.
    private func score(
        _ head: NetworkHead, _ target: Int, _ shares: ShareTargets, gradient: UnsafeMutablePointer<Float>
    ) {
        let p = tape.logProbabilities.base
        if head == .share {
            let (loss, mass) = shares.entropy(p, of: target)
            losses.add(loss, head, mass: mass)
            exponentials(p, times: Float(mass), to: gradient)
            shares.subtract(target, from: gradient)
        } else {
            let k = Int(set.records[target].target)
            losses.add(-Double(p[k]), head, mass: 1)
            exponentials(p, times: 1, to: gradient)
            gradient[k] -= 1
        }
    }

    /// The forecast times a factor; 0 behind the last partition.
    private func exponentials(
        _ logs: UnsafePointer<Float>, times factor: Float, to result: UnsafeMutablePointer<Float>
    ) {
        for c in stride(from: 0, to: shape.partitionStride, by: 8) {
            RowSums.store(FloatMath.exp(RowSums.load(logs + c)) * factor, result + c)
        }
        for k in shape.partitions..<shape.partitionStride { result[k] = 0 }
    }

    /// The gradient behind the rectifier and dropout: 0 where the unit was 0, for either reason.
    private func rectify(
        _ gradient: UnsafeMutablePointer<Float>, _ units: UnsafePointer<Float>, _ mask: UnsafePointer<Float>
    ) {
        for c in stride(from: 0, to: shape.headUnits, by: 8) {
            let value = RowSums.load(gradient + c) * RowSums.load(mask + c)
            RowSums.store(
                SIMD8<Float>().replacing(with: value, where: RowSums.load(units + c) .> 0), gradient + c)
        }
    }

    private func multiply(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, to: UnsafeMutablePointer<Float>, count: Int
    ) {
        for c in stride(from: 0, to: count, by: 8) {
            RowSums.store(RowSums.load(a + c) * RowSums.load(b + c), to + c)
        }
    }
}
