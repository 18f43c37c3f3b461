import Affinity
import Testing

@testable import Training

/// Gradients against differences of losses, and the way forward against the network that runs.
@Suite struct GradientTests {
    let shape = tinyShape()
    let set: TrainingSet
    let plan: EpochPlan
    let shares: ShareTargets
    let layout: NetworkLayout

    init() {
        set = randomSet(shape, accesses: 24, customers: 3, seed: 4)
        layout = NetworkLayout(shape)
        let sequences = Sequences(set, before: .max)
        plan = EpochPlan(sequences, lanes: 1, chance: SplitMix64(seed: 6))
        shares = ShareTargets(set, sequences, discount: 0.8)
    }

    private func run(_ pass: WindowPass, _ weights: FloatBuffer, windows: Int, length: Int) {
        let transposes = Transposes(layout)
        transposes.update(from: weights.base)
        let context = WindowPass.Context(
            weights: UnsafePointer(weights.base), transposes: transposes, shares: shares)
        let state = FloatBuffer(shape.hidden)
        pass.clear()
        for window in 0..<windows {
            pass.run(
                plan.part(of: 0, window: window, length: length), context, state: state.base,
                chance: SplitMix64(seed: 9, [UInt64(window)]))
        }
    }

    private func weights(seed: UInt64) -> FloatBuffer {
        let weights = NetworkWeights(shape, seed: seed)
        var chance = Chance(seed: seed)
        let buffer = FloatBuffer(weights.values)
        for tensor in layout.tensors {
            for row in 0..<(tensor.rows ?? 1) {
                for column in 0..<tensor.columns {
                    buffer.base[tensor.offset + row * tensor.stride + column] += Float.random(
                        in: -0.3...0.3, using: &chance)
                }
            }
        }
        return buffer
    }

    @Test(arguments: [0, 0.25])
    func `gradients by every weight are those of differences`(dropout: Double) {
        let weights = weights(seed: 2)
        let pass = WindowPass(set, layout, window: 32, dropout: dropout)
        run(pass, weights, windows: 1, length: 32)
        let gradient = pass.gradient.values
        let step: Float = 0.002
        for tensor in layout.tensors {
            var (wrong, whole) = (0.0, 0.0)
            let some = Swift.max(1, tensor.extent / 16) | 1
            for i in stride(from: tensor.offset, to: tensor.offset + tensor.extent, by: some) {
                guard (i - tensor.offset) % tensor.stride < tensor.columns else {
                    #expect(gradient[i] == 0, "\(tensor.name): what lies between rows stays as it is")
                    continue
                }
                let value = weights.base[i]
                weights.base[i] = value + step
                run(pass, weights, windows: 1, length: 32)
                let above = pass.losses.total
                weights.base[i] = value - step
                run(pass, weights, windows: 1, length: 32)
                let expected = (above - pass.losses.total) / Double(2 * step)
                weights.base[i] = value
                wrong += (Double(gradient[i]) - expected) * (Double(gradient[i]) - expected)
                whole += expected * expected
            }
            #expect(whole > 0, "\(tensor.name) matters")
            #expect(wrong.squareRoot() < 0.005 * whole.squareRoot() + 0.002, "\(tensor.name)")
        }
    }

    @Test func `without dropout, losses are those of the network that runs`() {
        let buffer = weights(seed: 5)
        let pass = WindowPass(set, layout, window: 4, dropout: 0)
        run(pass, buffer, windows: 8, length: 4)
        let trained = pass.losses.means

        let heldOut = HeldOut(set, layout, from: .min, discount: 0.8)
        let evaluated = heldOut.losses(buffer, threads: 1)
        #expect(abs(trained.next - evaluated.next) < 1e-12)
        #expect(abs(trained.share - evaluated.share) < 1e-12)

        var weights = NetworkWeights(zeros: shape)
        weights.values = buffer.values
        var network = Network(weights)
        var sums = LossSums()
        var states = [Float](repeating: 0, count: 3 * shape.hidden)
        var lastOf: [UInt32: Int] = [:]
        for i in 0..<set.count {
            let customer = set.records[i].customer
            let place = Int(customer) * shape.hidden
            if let input = lastOf[customer] {
                let dense = Array(set.dense[input * shape.denseInputs..<(input + 1) * shape.denseInputs])
                var span = states.mutableSpan
                network.step(
                    symbols: set.records[input].symbols, dense: dense.span, states: &span, at: place)
                let hidden = Array(states[place..<place + shape.hidden])
                for head in NetworkHead.allCases {
                    let p = forecast(&network, head, i, hidden)
                    if head == .share {
                        let (loss, mass) = p.withUnsafeBufferPointer { p in
                            p.baseAddress.map { shares.entropy($0, of: i) } ?? (0, 0)
                        }
                        sums.add(loss, head, mass: mass)
                    } else {
                        sums.add(-Double(p[Int(set.records[i].target)]), head, mass: 1)
                    }
                }
            }
            lastOf[customer] = i
        }
        #expect(sums.examples == 21)
        #expect(abs(trained.next - sums.means.next) < 1e-12)
        #expect(abs(trained.nextAtTime - sums.means.nextAtTime) < 1e-12)
        #expect(abs(trained.share - sums.means.share) < 1e-12)
    }

    private func forecast(
        _ network: inout Network, _ head: NetworkHead, _ i: Int, _ hidden: [Float]
    ) -> [Float] {
        let features = Array(set.features[i * set.featureWidth..<(i + 1) * set.featureWidth])
        var experts = [Float](repeating: 0, count: set.codeWidth)
        for c in 0..<set.codeWidth { experts[c] = Float(set.codes[i * set.codeWidth + c]) / -4_096 }
        var values = [Float](repeating: 0, count: shape.partitionStride)
        var result = values.mutableSpan
        network.forecast(
            head, hidden: hidden.span, features: features.span, experts: experts.span, into: &result)
        return values
    }
}
