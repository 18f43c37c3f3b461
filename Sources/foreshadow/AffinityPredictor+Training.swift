import Affinity
import Evaluation
import Foundation
import Training

extension AffinityPredictor.Deployment {
    /// A network that is trained on the first half of a trace and takes part in the second; nil where there is
    /// nothing to train on. Draws how far it is.
    static func trained(on trace: EvaluationTrace, seed: UInt64) throws -> Self? {
        var numbers = TrainingConfiguration()
        numbers.threads = ProcessInfo.processInfo.activeProcessorCount
        numbers.seed = seed
        let training = NetworkTraining(
            TrainingAccesses(trace, before: trace.middle), affinity: AffinityConfiguration(),
            units: NetworkShape.defaultUnits)
        do {
            var display = TrainingDisplay()
            let result = try Trainer(training.set, numbers).run(onProgress: {
                Output.progress(display.line($0))
            })
            Output.endProgress()
            let model = try result.model(
                name: "first half of \(trace.dataset)", createdFrom: trace.dataset,
                names: training.accesses.names)
            return Self(model, after: training, in: trace)
        } catch TrainingFailure.noExamples {
            Output.note("there is no network: no customer has two events in the first half")
            return nil
        }
    }

    /// A model that takes part after the first `part` of a trace's events. Its network has seen those before.
    static func given(_ model: Model, on trace: EvaluationTrace, after part: Double) throws -> Self {
        try AffinityEngine.check(model, partitions: trace.classes)
        let end = TrainingAccesses.end(of: trace.events.count, part: part)
        let training = NetworkTraining(
            TrainingAccesses(trace, before: end), names: model.names, affinity: AffinityConfiguration(),
            units: model.weights.layout.shape.hidden)
        return Self(model, after: training, in: trace)
    }

    private init(_ model: Model, after training: NetworkTraining, in trace: EvaluationTrace) {
        let known = training.states(model)
        var states: [Int: [Float]] = [:]
        for (place, key) in trace.customers.enumerated() { states[place] = known[key] }
        self.init(model: model, start: training.accesses.accesses.count, states: states)
    }
}
