public import Affinity

/// A trained network, and how it came to be.
public struct TrainingResult: Sendable {
    /// The weights.
    public var weights: NetworkWeights
    /// All epochs of both parts of training.
    public var epochs: [EpochFigures]
    /// Accesses of the set.
    public var accesses: Int
    /// Customers of the set that have two accesses or more.
    public var customers: Int
    /// The discount that `share` was trained with.
    public var shareDiscount: Double

    /// The best epoch of the search, if there was one.
    public var best: EpochFigures? { epochs.best }
    /// The last epoch.
    public var last: EpochFigures? { epochs.last }

    /// The model, with what training says of it. Throws if the names are not as many as the set's shape says.
    public func model(name: String, createdFrom: String, names: Model.Names) throws(ModelFailure) -> Model {
        var origin = Model.Origin(name: name, createdFrom: createdFrom)
        origin.accesses = accesses
        origin.customers = customers
        origin.epochs = epochs.count { $0.phase == .final }
        origin.training = last?.training ?? HeadLosses()
        origin.heldOut = best?.heldOut
        return try Model(origin: origin, names: names, shareDiscount: shareDiscount, weights: weights)
    }
}
