public import Affinity

/// What training is at.
public struct TrainingProgress: Sendable {
    /// Whether it looks for the best number of epochs or trains for it.
    public var phase: TrainingPhase
    /// The epoch, from 1.
    public var epoch: Int
    /// The most epochs the phase can have.
    public var epochsMax: Int
    /// How much of the epoch is done, from 0 to 1.
    public var fraction: Double
    /// Mean losses of the epoch so far, with dropout.
    public var training: HeadLosses
    /// Mean losses on what is held out, at the end of an epoch of the search.
    public var heldOut: HeadLosses?

    /// Makes progress.
    public init(
        phase: TrainingPhase, epoch: Int, epochsMax: Int, fraction: Double, training: HeadLosses,
        heldOut: HeadLosses? = nil
    ) {
        self.phase = phase
        self.epoch = epoch
        self.epochsMax = epochsMax
        self.fraction = fraction
        self.training = training
        self.heldOut = heldOut
    }
}

/// The two parts of training.
public enum TrainingPhase: Int, Sendable {
    /// Trains without what is held out, to find the number of epochs that is best for it.
    case search = 0
    /// Trains with everything, from the start, for that number of epochs.
    case final = 1
}

/// How an epoch ended.
public struct EpochFigures: Sendable, Equatable {
    /// The part of training it belongs to.
    public var phase: TrainingPhase
    /// The epoch, from 1.
    public var epoch: Int
    /// Mean losses of the epoch, with dropout.
    public var training: HeadLosses
    /// Mean losses on what is held out, after the epoch; nil in the final part.
    public var heldOut: HeadLosses?
}

/// All of training after an epoch: what it takes to go on as if nothing had happened.
public struct TrainingCheckpoint: Sendable, Equatable {
    /// The numbers it was trained with.
    public var configuration: TrainingConfiguration
    /// How many accesses the set has.
    public var accesses: Int
    /// The set's fingerprint.
    public var fingerprint: UInt64
    /// Where the accesses came from, for whoever reads them again. Training makes no use of it.
    public var source = ""
    /// All epochs so far; the last of them is the one this follows.
    public var epochs: [EpochFigures]
    /// Steps the optimiser has made in this part of training.
    public var steps: Int
    /// The weights, laid out as those of a network.
    public var weights: [Float]
    /// Adam's mean gradients, laid out as the weights.
    public var firstMoments: [Float]
    /// Adam's mean squared gradients, laid out as the weights.
    public var secondMoments: [Float]
}

extension [EpochFigures] {
    /// The epoch of the search with the least held-out loss.
    var best: EpochFigures? {
        filter { $0.phase == .search }.min {
            ($0.heldOut?.total ?? .infinity) < ($1.heldOut?.total ?? .infinity)
        }
    }
}
