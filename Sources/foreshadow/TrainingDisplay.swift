import Affinity
import Foundation
import Training

/// Training, in a line.
enum TrainingDisplay {
    /// How far it is, and the losses so far.
    static func line(_ progress: TrainingProgress) -> String {
        let phase = progress.phase == .search ? "searching" : "training"
        let done = (Double(progress.epoch - 1) + progress.fraction) / Double(progress.epochsMax)
        var line = "\(Output.bar(done)) \(phase), epoch \(progress.epoch) of \(progress.epochsMax)"
        line += String(format: ", log loss of next %.4f", progress.training.next)
        if let heldOut = progress.heldOut { line += String(format: ", held out %.4f", heldOut.next) }
        return line
    }
}
