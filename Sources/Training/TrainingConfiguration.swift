/// The numbers training works with. The defaults suit tens of thousands to millions of accesses.
public struct TrainingConfiguration: Sendable, Equatable {
    /// Everything random comes from this.
    public var seed: UInt64 = 1
    /// Step size of the optimiser after warming up.
    public var rate = 0.004
    /// Optimiser steps over which the step size rises from 0.
    public var warmUpSteps = 30
    /// What is left of the step size at the end of its cosine, as a part of `rate`.
    public var finalRatePart = 0.02
    /// Part of each weight, times the step size, that a step takes off.
    public var weightDecay = 0.0001
    /// A gradient longer than this is shortened to it.
    public var gradientLengthMax = 1.0
    /// Part of the units that is left out, at random, on each example.
    public var dropout = 0.2
    /// Accesses a gradient is followed back in time.
    public var window = 32
    /// Sequences that are trained on at once; one optimiser step sees `lanes * window` examples.
    public var lanes = 32
    /// The most times all examples are seen.
    public var epochsMax = 12
    /// Epochs without a better held-out loss after which the search for the best number of them ends.
    public var patience = 4
    /// Last part of the time span that is held out to find the best number of epochs; 0 trains for `epochsMax`.
    public var heldOutPart = 0.1
    /// How much less each further access ahead counts in what `share` forecasts.
    public var shareDiscount = 0.9
    /// Threads; results do not depend on it.
    public var threads = 1

    /// The defaults, on one thread.
    public init() {}
}

/// Why nothing can be trained.
public enum TrainingFailure: Error, Equatable, CustomStringConvertible {
    /// The number called `name` is outside of its range. Set it to one of the range.
    case outOfRange(name: String, range: String)
    /// No customer has two accesses, so there is nothing to learn from. Give more interactions.
    case noExamples
    /// The loss stopped being a number. Lower the rate.
    case diverged(epoch: Int)
    /// The checkpoint is of a network of another shape, of other numbers or of another set. Start anew.
    case foreignCheckpoint(String)

    /// The reason, for people.
    public var description: String {
        switch self {
        case .outOfRange(let name, let range): "training: \(name) must be \(range)"
        case .noExamples: "training: no customer has two accesses"
        case .diverged(let epoch): "training: the loss is no longer a number in epoch \(epoch)"
        case .foreignCheckpoint(let what): "training: the checkpoint cannot be resumed: \(what)"
        }
    }
}

extension TrainingConfiguration {
    /// Checks every number against its range.
    public func validate() throws(TrainingFailure) {
        try check((1e-6...1).contains(rate), "rate", "0.000001 to 1")
        try check((0...1_000_000).contains(warmUpSteps), "warmUpSteps", "0 to 1,000,000")
        try check((0...1).contains(finalRatePart), "finalRatePart", "0 to 1")
        try check((0...1).contains(weightDecay), "weightDecay", "0 to 1")
        try check((1e-6...1e6).contains(gradientLengthMax), "gradientLengthMax", "0.000001 to 1,000,000")
        try check((0...0.9).contains(dropout), "dropout", "0 to 0.9")
        try check((1...1_024).contains(window), "window", "1 to 1,024")
        try check((1...4_096).contains(lanes), "lanes", "1 to 4,096")
        try check((1...10_000).contains(epochsMax), "epochsMax", "1 to 10,000")
        try check((1...10_000).contains(patience), "patience", "1 to 10,000")
        try check((0...0.5).contains(heldOutPart), "heldOutPart", "0 to 0.5")
        try check((0...0.999).contains(shareDiscount), "shareDiscount", "0 to 0.999")
        try check((1...1_024).contains(threads), "threads", "1 to 1,024")
    }

    private func check(_ holds: Bool, _ name: String, _ range: String) throws(TrainingFailure) {
        if !holds { throw .outOfRange(name: name, range: range) }
    }
}
