import Affinity
import Foundation
import Training

/// Training, in lines for people.
struct TrainingDisplay {
    private let start = ContinuousClock.now
    private var clock: TrainingClock?
    private var best = Double.infinity

    /// How far it is, the losses so far, and how long it takes yet.
    mutating func line(_ progress: TrainingProgress) -> String {
        line(progress, seconds: (ContinuousClock.now - start) / .seconds(1))
    }

    /// The same, so many seconds after the start.
    mutating func line(_ progress: TrainingProgress, seconds: Double) -> String {
        var clock = self.clock ?? TrainingClock(progress, seconds: seconds)
        if clock.phase != progress.phase { clock = TrainingClock(progress, seconds: seconds) }
        self.clock = clock
        var line = "\(Output.bar(progress.part)) \(Self.epoch(progress)), \(Self.losses(progress))"
        if let left = clock.left(progress, seconds: seconds) {
            line += ", \(progress.phase == .search ? "at most " : "")\(ReplayProgress.text(left)) left"
        }
        return line
    }

    /// What an epoch that ended came to.
    mutating func epochLine(_ progress: TrainingProgress) -> String {
        var line = "\(Self.epoch(progress)): \(Self.losses(progress))"
        guard let heldOut = progress.heldOut else { return line }
        // The search goes by the sum of all heads.
        line += String(format: ", all heads %.4f", heldOut.total)
        if heldOut.total < best {
            best = heldOut.total
            line += ", best so far"
        }
        return line
    }

    private static func epoch(_ progress: TrainingProgress) -> String {
        progress.phase == .search
            ? "searching, epoch \(progress.epoch) of at most \(progress.epochsMax)"
            : "training, epoch \(progress.epoch) of \(progress.epochsMax)"
    }

    private static func losses(_ progress: TrainingProgress) -> String {
        var text = String(format: "log loss %.4f", progress.training.next)
        if let heldOut = progress.heldOut { text += String(format: ", held out %.4f", heldOut.next) }
        return text
    }
}

/// How long training takes yet, by how long it took so far.
struct TrainingClock {
    let phase: TrainingPhase
    private let seconds: Double
    private let part: Double

    /// Starts with the first that is heard of a phase, which may have been resumed.
    init(_ progress: TrainingProgress, seconds: Double) {
        phase = progress.phase
        part = progress.part
        self.seconds = seconds
    }

    /// Seconds left: in the search at most, if no epoch is spared and the final part takes as many; nil until
    /// something was done.
    func left(_ progress: TrainingProgress, seconds now: Double) -> Double? {
        let done = progress.part - part
        guard done > 0 else { return nil }
        let phases = phase == .search ? 2.0 : 1.0
        return (now - seconds) / done * (phases - progress.part)
    }
}

extension TrainingProgress {
    /// How much of the phase is done, from 0 to 1, if all its epochs are needed.
    var part: Double { (Double(epoch - 1) + fraction) / Double(epochsMax) }
}
