import Affinity
import Testing

/// A shape whose numbers are no multiples of anything.
func oddShape(hidden: Int = 16, partitions: Int = 5) -> NetworkShape {
    var shape = NetworkShape(
        partitions: partitions, experts: 3, regions: 4, domains: 2, kinds: 6, denseInputs: 7, features: 5,
        timeFeatures: 3)
    shape.hidden = hidden
    shape.headUnits = 24
    return shape
}

@Suite struct NetworkTests {
    /// Weights that are large enough to bring all gates out of their middle.
    private func weights(_ shape: NetworkShape, _ chance: inout Chance) -> NetworkWeights {
        var weights = NetworkWeights(zeros: shape)
        for tensor in weights.layout.tensors {
            for row in 0..<(tensor.rows ?? 1) {
                for column in 0..<tensor.columns {
                    weights.values[tensor.offset + row * tensor.stride + column] = Float.random(
                        in: -0.5...0.5, using: &chance)
                }
            }
        }
        return weights
    }

    private func numbers(_ count: Int, _ range: ClosedRange<Float>, _ chance: inout Chance) -> [Float] {
        (0..<count).map { _ in Float.random(in: range, using: &chance) }
    }

    @Test(arguments: [1, 5, 8, 24, 43])
    func `steps and forecasts are those of the formulas`(partitions: Int) {
        let seed: UInt64 = 11
        var chance = Chance(seed: seed)
        let shape = oddShape(partitions: partitions)
        let weights = weights(shape, &chance)
        let reference = NetworkReference(weights)
        var network = Network(weights)
        var states = [Float](repeating: 0, count: 3 * shape.hidden)
        let place = shape.hidden
        var hidden = [Double](repeating: 0, count: shape.hidden)
        for turn in 0..<40 {
            var symbols = SIMD4<Int32>()
            for i in 0..<4 { symbols[i] = Int32.random(in: -2...shape.symbols[i] + 1, using: &chance) }
            let dense = numbers(shape.denseInputs, -1...1, &chance)
            var span = states.mutableSpan
            network.step(symbols: symbols, dense: dense.span, states: &span, at: place)
            hidden = reference.step(symbols: symbols, dense: dense, hidden: hidden)
            for i in hidden.indices {
                #expect(abs(Double(states[place + i]) - hidden[i]) < 2e-6, "seed \(seed), turn \(turn)")
            }
            let features = numbers(shape.features + shape.timeFeatures, -1...1, &chance)
            let experts = numbers(shape.expertRows * shape.partitionStride, -6 ... -0.01, &chance)
            for head in NetworkHead.allCases {
                var forecast = [Float](repeating: 0, count: shape.partitionStride)
                var result = forecast.mutableSpan
                let state = states.span.extracting(place..<place + shape.hidden)
                network.forecast(
                    head, hidden: state, features: features.span, experts: experts.span, into: &result)
                let expected = reference.forecast(head, hidden: hidden, features: features, experts: experts)
                for k in expected.indices {
                    #expect(abs(Double(forecast[k]) - expected[k]) < 2e-5, "seed \(seed), \(head)")
                }
                #expect(forecast[partitions...].allSatisfy { $0 < -1e20 })
            }
        }
        #expect(states[..<place].allSatisfy { $0 == 0 } && states[(2 * place)...].allSatisfy { $0 == 0 })
    }

    @Test func `what lies behind the last partition does not count`() {
        var chance = Chance(seed: 3)
        let shape = oddShape()
        var network = Network(weights(shape, &chance))
        let features = numbers(shape.features, -1...1, &chance)
        let hidden = numbers(shape.hidden, -1...1, &chance)
        var experts = numbers(shape.experts * shape.partitionStride, -6 ... -0.01, &chance)
        func forecast() -> [Float] {
            var values = [Float](repeating: 0, count: shape.partitionStride)
            var result = values.mutableSpan
            network.forecast(
                .share, hidden: hidden.span, features: features.span, experts: experts.span, into: &result)
            return Array(values[..<shape.partitions])
        }
        let before = forecast()
        for row in 0..<shape.experts {
            for k in shape.partitions..<shape.partitionStride {
                experts[row * shape.partitionStride + k] = k % 2 == 0 ? 1e9 : .nan
            }
        }
        #expect(forecast() == before)
    }

    @Test func `a new network is the mean of its experts' opinions, almost`() {
        let shape = oddShape()
        var network = Network(NetworkWeights(shape, seed: 5))
        var experts = [Float](repeating: -9, count: shape.experts * shape.partitionStride)
        for row in 0..<shape.experts { experts[row * shape.partitionStride + 2] = -0.01 }
        var values = [Float](repeating: 0, count: shape.partitionStride)
        var result = values.mutableSpan
        let hidden = [Float](repeating: 0, count: shape.hidden)
        let features = [Float](repeating: 0, count: shape.features)
        network.forecast(
            .next, hidden: hidden.span, features: features.span, experts: experts.span, into: &result)
        #expect(values[2] > -0.02)
    }

    @Test func `weights come from the seed alone`() {
        let shape = oddShape()
        let values = NetworkWeights(shape, seed: 8).values
        #expect(values == NetworkWeights(shape, seed: 8).values)
        #expect(values != NetworkWeights(shape, seed: 9).values)
    }

    @Test func `tensors fill the array without gaps and begin at multiples of eight`() {
        let layout = NetworkLayout(oddShape())
        var end = 0
        for tensor in layout.tensors {
            #expect(tensor.offset == end && tensor.offset % 8 == 0)
            end += tensor.extent
        }
        #expect(end == layout.count)
        #expect(Set(layout.tensors.map(\.name)).count == 8 + 3 * 7)
    }

    @Test func `a shape out of range says which number is`() {
        func failure(_ change: (inout NetworkShape) -> Void) -> String? {
            var shape = oddShape()
            change(&shape)
            do throws(NetworkShape.Failure) {
                try shape.validate()
                return nil
            } catch {
                return error.description
            }
        }
        #expect(failure { _ in } == nil)
        #expect(
            failure { $0.hidden = 12 } == "network: hidden is 12; it must be a multiple of 8 from 8 to 256")
        #expect(
            failure { $0.headUnits = 0 }
                == "network: headUnits is 0; it must be a multiple of 8 from 8 to 256")
        #expect(failure { $0.partitions = 0 } == "network: partitions is 0; it must be 1 to 65535")
        #expect(failure { $0.experts = 65 } == "network: experts is 65; it must be 1 to 64")
        #expect(failure { $0.timedExperts = -1 } == "network: timedExperts is -1; it must be 0 to 64")
        #expect(failure { $0.kinds = -1 } == "network: kinds is -1; it must be 0 to 65535")
        #expect(failure { $0.timeFeatures = 300 } == "network: timeFeatures is 300; it must be 0 to 256")
    }
}
