import Affinity
import Evaluation
import Foundation
import Training

extension AffinityPredictor.Deployment {
    /// A network that is trained on the first half of a trace and takes part in the second; nil where there is
    /// nothing to train on. Draws how far it is.
    static func trained(on trace: EvaluationTrace, seed: UInt64) throws -> Self? {
        var training = TrainingConfiguration()
        training.threads = ProcessInfo.processInfo.activeProcessorCount
        training.seed = seed
        do {
            let trained = try TraceTraining(
                trace, before: trace.middle, affinity: AffinityConfiguration(), training: training,
                hidden: 32, name: "first half of \(trace.dataset)",
                progress: { Output.progress(TrainingDisplay.line($0)) })
            Output.endProgress()
            return Self(model: trained.model, start: trace.middle, states: trained.states)
        } catch TrainingFailure.noExamples {
            Output.note("there is no network: no customer has two events in the first half")
            return nil
        }
    }
}
