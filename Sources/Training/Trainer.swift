import Affinity
public import Contracts

/// Trains a network on a set, in two parts: the first holds out the last part of the time span and finds the
/// number of epochs after which the loss there is least (early stopping); the second trains with everything for
/// that many epochs.
///
/// The same set, shape and configuration give the same weights on one processor architecture, whatever the
/// number of threads, and whether or not training was interrupted and resumed at a checkpoint.
public struct Trainer {
    private let set: TrainingSet
    private let configuration: TrainingConfiguration
    private let layout: NetworkLayout
    /// Before when accesses are trained on in the search, and from when they are held out; nil if there is no
    /// search.
    public let searchEnd: EventTime?

    /// A trainer for networks of the set's shape. Throws if a number is out of range or there is nothing to
    /// learn from.
    public init(_ set: TrainingSet, _ configuration: TrainingConfiguration) throws(TrainingFailure) {
        try configuration.validate()
        self.set = set
        self.configuration = configuration
        layout = NetworkLayout(set.shape)
        let all = Sequences(set, before: .max)
        guard all.exampleCount > 0 else { throw .noExamples }
        let times = set.records.map(\.time)
        guard let first = times.min(), let last = times.max() else { throw .noExamples }
        let end = last - EventTime(Double(last - first) * configuration.heldOutPart)
        let trained = Sequences(set, before: end).exampleCount
        let isWorthSearching = configuration.heldOutPart > 0 && trained > 0 && trained < all.exampleCount
        searchEnd = isWorthSearching ? end : nil
    }

    /// Trains, from the start or from a checkpoint on.
    ///
    /// `onProgress` is called after each optimiser step and at the end of each epoch, `onCheckpoint` after each
    /// epoch, both on the caller's thread. What they throw ends training and comes out.
    public func run(
        resuming checkpoint: TrainingCheckpoint? = nil,
        onProgress: (TrainingProgress) throws -> Void = { _ in },
        onCheckpoint: (TrainingCheckpoint) throws -> Void = { _ in }
    ) throws -> TrainingResult {
        if let checkpoint { try check(checkpoint) }
        var epochs = checkpoint?.epochs ?? []
        var start = checkpoint
        if let searchEnd, !isSearched(epochs) {
            let run = TrainingRun(set, layout, configuration, .search, before: searchEnd, resuming: start)
            let heldOut = HeldOut(
                set, layout, from: searchEnd, discount: Float(configuration.shareDiscount))
            while !isSearched(epochs) {
                epochs.append(
                    try run.epoch(epochs.count + 1, of: configuration.epochsMax, heldOut, onProgress))
                try onCheckpoint(run.checkpoint(epochs))
            }
            start = nil
        }
        let searched = epochs.count { $0.phase == .search }
        let wanted = epochs.best?.epoch ?? configuration.epochsMax
        let run = TrainingRun(
            set, layout, configuration, .final, before: .max,
            resuming: start?.epochs.last?.phase == .final ? start : nil)
        while epochs.count - searched < wanted {
            epochs.append(try run.epoch(epochs.count - searched + 1, of: wanted, nil, onProgress))
            try onCheckpoint(run.checkpoint(epochs))
        }
        return TrainingResult(
            weights: run.weights, epochs: epochs, accesses: set.count, customers: run.customers,
            shareDiscount: configuration.shareDiscount)
    }

    /// Whether the search has ended.
    private func isSearched(_ epochs: [EpochFigures]) -> Bool {
        let searched = epochs.count { $0.phase == .search }
        guard searched == epochs.count, let best = epochs.best else { return searched < epochs.count }
        return searched >= configuration.epochsMax || searched - best.epoch >= configuration.patience
    }

    private func check(_ checkpoint: TrainingCheckpoint) throws(TrainingFailure) {
        var same = checkpoint.configuration
        same.threads = configuration.threads
        guard same == configuration else { throw .foreignCheckpoint("it was trained with other numbers") }
        guard checkpoint.accesses == set.count else {
            throw .foreignCheckpoint("it was trained on \(checkpoint.accesses) accesses, not \(set.count)")
        }
        guard checkpoint.fingerprint == set.fingerprint else {
            throw .foreignCheckpoint("it was trained on other accesses, or with another engine")
        }
        let counts = [checkpoint.weights, checkpoint.firstMoments, checkpoint.secondMoments].map(\.count)
        guard counts.allSatisfy({ $0 == layout.count }) else {
            throw .foreignCheckpoint("it is of a network of another shape")
        }
        guard checkpoint.steps >= 0, !checkpoint.epochs.isEmpty else {
            throw .foreignCheckpoint("it follows no epoch")
        }
    }
}
