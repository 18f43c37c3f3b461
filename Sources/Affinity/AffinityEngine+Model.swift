import Contracts

extension AffinityEngine {
    /// Why an engine cannot use a model.
    public enum ModelMismatch: Error, Equatable, CustomStringConvertible {
        /// It forecasts other partitions, or the same in another order. Train one for these.
        case otherPartitions(model: Int, engine: Int)
        /// Its network takes other inputs than this engine has. Train anew.
        case otherInputs(String)

        /// The reason, for people.
        public var description: String {
            switch self {
            case .otherPartitions(let model, let engine):
                "the model is for \(model) partitions that are not the \(engine) of the configuration, or in "
                    + "another order; train one for these"
            case .otherInputs(let what): "the model's network takes \(what); train it anew"
            }
        }
    }

    /// The model in use, if there is one.
    public var model: Model? { recurrence?.model }

    /// Whether an engine over these partitions could use a model.
    public static func check(_ model: Model, partitions: [String]) throws(ModelMismatch) {
        if model.names.partitions != partitions {
            throw .otherPartitions(model: model.names.partitions.count, engine: partitions.count)
        }
        let shape = model.weights.layout.shape
        let has = [shape.experts, shape.timedExperts, shape.denseInputs, shape.features, shape.timeFeatures]
        let needs = [
            Expert.rows - 1, 1, NetworkInputs.dense, NetworkInputs.features, NetworkInputs.timeFeatures,
        ]
        if has != needs { throw .otherInputs("\(has) inputs instead of \(needs)") }
    }

    /// Uses a model from the next access on, or none. The model must have passed `check`.
    ///
    /// Its network has seen nothing of the customers yet: their states start anew. Experts' weights stay; the
    /// network's starts from the mean of the others'.
    public mutating func use(_ model: Model?) {
        recurrence = model.map { Recurrence($0, customers: customers.count) }
        restoredState = Array(repeating: 0, count: recurrence?.units ?? 0)
        forecasts.resize(hasNetwork: model != nil)
        restoredCodes = Array(repeating: 0, count: forecasts.width)
        let isThere: Float = model == nil ? 0 : 1
        nextActive[Expert.network.rawValue] = isThere
        inputs[Expert.network.rawValue] = isThere
        population.use(network: model != nil)
        for place in customers.indices {
            customers[place].nextWeights = Self.onlyActive(customers[place].nextWeights, nextActive)
            if model == nil { customers[place].shareWeights[ShareExpert.network.rawValue] = 0 }
            var customer = customers[place]
            if customer.sequence > 0 || customer.accesses > 0 { noteChange(place, &customer) }
            customers[place] = customer
        }
    }

    private static func onlyActive(_ weights: SIMD16<Float>, _ active: SIMD16<Float>) -> SIMD16<Float> {
        let left = weights * active
        let sum = FixedShare.sum(left)
        return sum > 0 ? left / sum : left
    }
}
