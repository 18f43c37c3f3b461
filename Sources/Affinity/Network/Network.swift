/// A recurrent network that forecasts where a customer's next accesses fall.
///
/// It knows no customers: the caller keeps each one's state, `shape.hidden` numbers that are all 0 before the
/// customer's first access, and after each access lets the network advance it. Nothing is allocated, and on one
/// processor architecture the same calls give the same bits.
///
///     network.step(symbols: access, dense: inputs, states: &states, at: place * network.shape.hidden)
///     network.forecast(.next, hidden: state, features: f, experts: logProbabilities, into: &forecast)
public struct Network: Sendable {
    /// How large it is and what goes into it.
    public let shape: NetworkShape

    private let weights: [Float]
    private let cell: RecurrentCell
    private let next: ForecastHead
    private let nextAtTime: ForecastHead
    private let share: ForecastHead
    /// Room for what a step or a forecast works out on the way.
    private var scratch: [Float]

    /// A network of these weights, which must be finite.
    public init(_ weights: NetworkWeights) {
        let layout = weights.layout
        shape = layout.shape
        self.weights = weights.values
        cell = RecurrentCell(layout)
        next = ForecastHead(layout, .next)
        nextAtTime = ForecastHead(layout, .nextAtTime)
        share = ForecastHead(layout, .share)
        let forecast = shape.headUnits + NetworkShape.padded(shape.expertRows)
        scratch = [Float](repeating: 0, count: max(5 * shape.hidden, forecast))
    }

    /// Advances a customer's state by an access.
    ///
    /// `symbols` are those of the access's partition, region, domain and kind; what the network has no symbol
    /// for counts as unknown. `dense` has `shape.denseInputs` elements. The customer's state is the
    /// `shape.hidden` elements of `states` from `start` on, so that one array can hold those of all customers.
    public mutating func step(
        symbols: SIMD4<Int32>, dense: Span<Float>, states: inout MutableSpan<Float>, at start: Int = 0
    ) {
        let units = shape.hidden
        precondition(dense.count == shape.denseInputs, "a step needs all dense inputs")
        precondition(start >= 0 && start + units <= states.count, "the state lies outside of the states")
        weights.withUnsafeBufferPointer { weights in
            dense.withUnsafeBufferPointer { dense in
                states.withUnsafeMutableBufferPointer { states in
                    scratch.withUnsafeMutableBufferPointer { scratch in
                        guard let weights = weights.baseAddress, let first = states.baseAddress,
                            let gates = scratch.baseAddress
                        else { return }
                        let state = first + start
                        cell.step(
                            weights, symbols: cell.known(symbols), dense: dense.baseAddress ?? weights,
                            hidden: state, gates: gates, next: gates + 4 * units)
                        state.update(from: gates + 4 * units, count: units)
                    }
                }
            }
        }
    }

    /// Writes the natural logarithms of a head's forecast, which sums to 1, to `logProbabilities`.
    ///
    /// - `hidden`: the customer's state, `shape.hidden` elements.
    /// - `features`: those that `head` is given; further ones are not looked at.
    /// - `experts`: rows of `shape.partitionStride` elements, one for each expert that `head` is given: the
    ///   natural logarithms of what the expert gives each partition, none infinite. What lies behind the last
    ///   partition does not count, nor do further rows.
    /// - `logProbabilities`: `shape.partitionStride` elements, of which those behind the last partition become
    ///   very negative.
    public mutating func forecast(
        _ head: NetworkHead, hidden: Span<Float>, features: Span<Float>, experts: Span<Float>,
        into logProbabilities: inout MutableSpan<Float>
    ) {
        let stride = shape.partitionStride
        precondition(hidden.count == shape.hidden, "a state has as many elements as the network has units")
        precondition(features.count >= shape.features(of: head), "a forecast needs all of its features")
        precondition(experts.count >= shape.experts(of: head) * stride, "a forecast needs all of its experts")
        precondition(logProbabilities.count == stride, "a forecast is as long as the partitions' stride")
        let chosen = self.head(head)
        let units = shape.headUnits
        logProbabilities.withUnsafeMutableBufferPointer { result in
            guard let result = result.baseAddress else { return }
            read(hidden, features, experts) { weights, inputs, scratch in
                chosen.forecast(
                    weights, inputs, units: scratch, gates: scratch + units, logProbabilities: result)
            }
        }
    }

    @inline(__always)
    private func head(_ head: NetworkHead) -> ForecastHead {
        switch head {
        case .next: next
        case .nextAtTime: nextAtTime
        case .share: share
        }
    }

    @inline(__always)
    private mutating func read(
        _ hidden: Span<Float>, _ features: Span<Float>, _ experts: Span<Float>,
        _ body: (UnsafePointer<Float>, ForecastHead.Inputs, UnsafeMutablePointer<Float>) -> Void
    ) {
        scratch.withUnsafeMutableBufferPointer { scratch in
            weights.withUnsafeBufferPointer { weights in
                hidden.withUnsafeBufferPointer { hidden in
                    features.withUnsafeBufferPointer { features in
                        experts.withUnsafeBufferPointer { experts in
                            guard let weights = weights.baseAddress, let hidden = hidden.baseAddress,
                                let experts = experts.baseAddress, let scratch = scratch.baseAddress
                            else { return }
                            let inputs = ForecastHead.Inputs(
                                hidden: hidden, features: features.baseAddress ?? hidden, experts: experts)
                            body(weights, inputs, scratch)
                        }
                    }
                }
            }
        }
    }
}
