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
        try checkInputs(model)
    }

    /// Whether a model's network takes what engines have.
    static func checkInputs(_ model: Model) throws(ModelMismatch) {
        let shape = model.weights.layout.shape
        let has = [shape.experts, shape.timedExperts, shape.denseInputs, shape.features, shape.timeFeatures]
        let needs = [
            Expert.rows - 1, 1, NetworkInputs.dense, NetworkInputs.features, NetworkInputs.timeFeatures,
        ]
        if has != needs { throw .otherInputs("\(has) inputs instead of \(needs)") }
    }

    /// Uses a model from the next access on, or none. The model must have passed `check`.
    ///
    /// Its network has seen nothing of the customers yet: their states start anew, and so does the trust that
    /// each customer's weights put into a network, which was another one's. The population's weight of it starts
    /// from the mean of the others'.
    public mutating func use(_ model: Model?) {
        modelNumber += 1
        isModelSaved = false
        install(model)
    }

    /// Puts a model in the place of the one in use.
    ///
    /// What this does to a customer is done to those of older records when they are restored, so that a switch
    /// need not save all of them anew: `dropNetwork` does the same however often it is called.
    mutating func install(_ model: Model?) {
        recurrence = model.map { Recurrence($0, customers: customers.count) }
        restoredState = Array(repeating: 0, count: recurrence?.units ?? 0)
        forecasts.restart(hasNetwork: model != nil)
        restoredCodes = Array(repeating: 0, count: forecasts.width)
        let isThere: Float = model == nil ? 0 : 1
        nextActive[Expert.network.rawValue] = isThere
        inputs[Expert.network.rawValue] = isThere
        population.use(network: model != nil)
        pool.use(network: model != nil, accesses: population.accesses)
        for place in customers.indices { Self.dropNetwork(&customers[place]) }
    }

    /// Takes from a customer the weights of the network that was. A second call changes nothing.
    static func dropNetwork(_ customer: inout Customer) {
        let (next, share) = (Expert.network.rawValue, ShareExpert.network.rawValue)
        if customer.nextWeights[next] != 0 {
            customer.nextWeights[next] = 0
            let sum = FixedShare.sum(customer.nextWeights)
            if sum > 0 { customer.nextWeights /= sum }
        }
        if customer.shareWeights[share] != 0 {
            customer.shareWeights[share] = 0
            let sum = FixedShare.sum(customer.shareWeights)
            if sum > 0 { customer.shareWeights /= sum }
        }
    }
}
