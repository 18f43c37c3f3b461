import Affinity

/// What a window's way forward leaves for its way back. Everything is by step first.
final class Tape {
    /// What a head leaves.
    struct Head {
        /// The state it was given, after dropout: T x H.
        let hidden: FloatBuffer
        /// Its units, after dropout: T x Q.
        let units: FloatBuffer
        /// The loss's gradient by its units before the rectifier: T x Q.
        let unitGradients: FloatBuffer
        /// The loss's gradient by its logits: T x stride of partitions.
        let logitGradients: FloatBuffer
        /// The loss's gradient by its gates: T x stride of experts.
        let gateGradients: FloatBuffer
    }

    /// The state before each step, and that after the last: (T + 1) x H.
    let states: FloatBuffer
    /// What the cell writes in each step: T x 4H.
    let gates: FloatBuffer
    /// Dense inputs: T x D.
    let dense: FloatBuffer
    /// Features, with those of time: T x F.
    let features: FloatBuffer
    /// What the heads' losses say of the state after each step: T x H.
    let stateGradients: FloatBuffer
    /// The loss's gradient by the input's part of reset, update and candidate: T x 3H.
    let inputGradients: FloatBuffer
    /// The same by the state's part, which in the candidate lies within the reset gate: T x 3H.
    let recurrentGradients: FloatBuffer
    let heads: [Head]

    /// The experts' log probabilities of the step at hand.
    let experts: FloatBuffer
    /// Dropout's factors for the state and the head's units.
    let masks: FloatBuffer
    let logProbabilities: FloatBuffer
    let expertGates: FloatBuffer
    /// The loss's gradient by the state, on its way back.
    let carried: FloatBuffer
    let scratch: FloatBuffer
    /// A single 1, for sums of rows without factors.
    let one: FloatBuffer

    init(_ layout: NetworkLayout, steps: Int) {
        let shape = layout.shape
        let units = shape.hidden
        states = FloatBuffer((steps + 1) * units)
        gates = FloatBuffer(steps * 4 * units)
        dense = FloatBuffer(steps * shape.denseInputs)
        features = FloatBuffer(steps * (shape.features + shape.timeFeatures))
        stateGradients = FloatBuffer(steps * units)
        inputGradients = FloatBuffer(steps * 3 * units)
        recurrentGradients = FloatBuffer(steps * 3 * units)
        heads = NetworkHead.allCases.map { head in
            Head(
                hidden: FloatBuffer(steps * units), units: FloatBuffer(steps * shape.headUnits),
                unitGradients: FloatBuffer(steps * shape.headUnits),
                logitGradients: FloatBuffer(steps * shape.partitionStride),
                gateGradients: FloatBuffer(steps * layout.head(head).expertStride))
        }
        experts = FloatBuffer(shape.expertRows * shape.partitionStride)
        masks = FloatBuffer(units + shape.headUnits)
        logProbabilities = FloatBuffer(shape.partitionStride)
        expertGates = FloatBuffer(NetworkShape.padded(shape.expertRows))
        carried = FloatBuffer(units)
        scratch = FloatBuffer(units)
        one = FloatBuffer([1])
    }
}
