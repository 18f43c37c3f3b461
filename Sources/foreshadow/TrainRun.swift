import Affinity
import Contracts
import Foundation
import Training

/// A training from what it reads to the file it writes.
struct TrainRun: Sendable {
    var input: TrainingInput
    var extent = TrainingInput.Extent()
    var affinity = AffinityConfiguration()
    var numbers = TrainingConfiguration()
    var units = NetworkShape.defaultUnits
    /// The model's name.
    var name: String
    /// The file to write.
    var out: String
    /// Where training is kept after each epoch; nil: nowhere.
    var checkpoint: String?
    var isResumed = false
    /// Where to write what is trained on, for other tools; nil: nowhere.
    var export: String?

    /// Reads, trains and writes. Draws how far it is, and tells `onEpoch` of each epoch's end.
    func run(onEpoch: (TrainingProgress) throws -> Void = { _ in }) throws -> TrainingSummary {
        let start = ContinuousClock.now
        try ModelFile.checkWritable(out)
        for path in [checkpoint, export] { if let path { try ModelFile.checkWritable(path) } }
        let file = checkpoint.map { TrainingCheckpointFile(path: $0) }
        let resumed = try file?.read(isResumed: isResumed)
        let accesses = try input.read(extent, resuming: resumed?.source)
        let training = NetworkTraining(
            accesses, affinity: affinity, units: units,
            progress: { Output.progress("\(Output.bar($0)) describing") })
        if let export { try ModelFile.write(training.set.arrays.encoded(), to: export) }
        let trainer = try Trainer(training.set, numbers)
        var display = TrainingDisplay()
        let result = try trainer.run(
            resuming: resumed,
            onProgress: { progress in
                Output.progress(display.line(progress))
                guard progress.fraction == 1 else { return }
                Output.endProgress()
                Output.note(display.epochLine(progress))
                try onEpoch(progress)
            },
            onCheckpoint: { checkpoint in
                guard let file else { return }
                var checkpoint = checkpoint
                checkpoint.source = accesses.source
                try file.write(checkpoint)
            })
        Output.endProgress()
        let model = try result.model(name: name, createdFrom: accesses.source, names: accesses.names)
        let bytes = model.encoded()
        try ModelFile.write(bytes, to: out)
        return TrainingSummary(
            model, result, file: out, bytes: bytes.count,
            engineHeldOut: trainer.searchEnd.flatMap { training.engineLoss(heldOutFrom: $0) },
            seconds: (ContinuousClock.now - start) / .seconds(1))
    }
}
