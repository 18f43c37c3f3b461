import Affinity
import Contracts
import Foundation

/// One part of training: epochs over the examples before a point in time.
final class TrainingRun {
    private let configuration: TrainingConfiguration
    private let phase: TrainingPhase
    private let sequences: Sequences
    private let shares: ShareTargets
    private let groups: TrainingGroups
    private let optimiser: Optimiser
    private let accesses: Int
    private let fingerprint: UInt64
    private let shape: NetworkShape

    init(
        _ set: TrainingSet, _ layout: NetworkLayout, _ configuration: TrainingConfiguration,
        _ phase: TrainingPhase, before end: EventTime, resuming checkpoint: TrainingCheckpoint?
    ) {
        self.configuration = configuration
        self.phase = phase
        shape = layout.shape
        accesses = set.count
        fingerprint = set.fingerprint
        sequences = Sequences(set, before: end)
        shares = ShareTargets(set, sequences, discount: Float(configuration.shareDiscount))
        groups = TrainingGroups(set, layout, configuration)
        optimiser =
            checkpoint.map { Optimiser($0) }
            ?? Optimiser(weights: NetworkWeights(layout.shape, seed: configuration.seed).values)
    }

    /// Customers with examples.
    var customers: Int { sequences.customers.count }

    /// The weights as they are.
    var weights: NetworkWeights {
        var weights = NetworkWeights(zeros: shape)
        weights.values = optimiser.weights.values
        return weights
    }

    /// What it takes to go on from here.
    func checkpoint(_ epochs: [EpochFigures]) -> TrainingCheckpoint {
        TrainingCheckpoint(
            configuration: configuration, accesses: accesses, fingerprint: fingerprint, epochs: epochs,
            steps: optimiser.steps, weights: optimiser.weights.values,
            firstMoments: optimiser.first.values, secondMoments: optimiser.second.values)
    }

    /// Sees all examples once. Chance comes from the seed, the phase and the epoch alone.
    func epoch(
        _ epoch: Int, of epochsMax: Int, _ heldOut: HeldOut?, _ onProgress: (TrainingProgress) throws -> Void
    ) throws -> EpochFigures {
        let purposes = [UInt64(phase.rawValue), UInt64(epoch)]
        let plan = EpochPlan(
            sequences, lanes: configuration.lanes,
            chance: SplitMix64(seed: configuration.seed, purposes))
        let windows = plan.windows(of: configuration.window)
        var progress = TrainingProgress(
            phase: phase, epoch: epoch, epochsMax: epochsMax, fraction: 0, training: HeadLosses())
        var sums = LossSums()
        groups.clearStates()
        for window in 0..<windows {
            let losses = groups.run(
                plan, window: window, weights: optimiser.weights, shares: shares, chances: purposes)
            guard losses.total.isFinite else { throw TrainingFailure.diverged(epoch: epoch) }
            sums.add(losses)
            let done = Double(epoch - 1) + Double(window) / Double(windows)
            optimiser.step(
                groups.gradients, examples: losses.examples, rate: rate(done / Double(epochsMax)),
                weightDecay: Float(configuration.weightDecay),
                lengthMax: Float(configuration.gradientLengthMax))
            progress.fraction = Double(window + 1) / Double(windows)
            progress.training = sums.means
            if window + 1 < windows { try onProgress(progress) }
        }
        progress.heldOut = heldOut?.losses(optimiser.weights, threads: configuration.threads)
        try onProgress(progress)
        return EpochFigures(
            phase: phase, epoch: epoch, training: progress.training, heldOut: progress.heldOut)
    }

    /// The step size when `done` of training is: it rises, then follows half a cosine (Loshchilov and Hutter
    /// 2017, "SGDR: stochastic gradient descent with warm restarts").
    private func rate(_ done: Double) -> Float {
        let warm = min(1, Double(optimiser.steps + 1) / Double(max(1, configuration.warmUpSteps)))
        let cosine = 0.5 * (1 + cos(Double.pi * min(1, done)))
        let left = configuration.finalRatePart + (1 - configuration.finalRatePart) * cosine
        return Float(configuration.rate * warm * left)
    }
}
