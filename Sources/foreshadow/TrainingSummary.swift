import Affinity
import Foundation
import Training

/// What a training came to.
struct TrainingSummary: Codable {
    var model: String
    var file: String
    var bytes: Int
    var source: String
    var accesses: Int
    var customers: Int
    var partitions: Int
    var units: Int
    /// Epochs of the final part.
    var epochs: Int
    /// Epochs of the search.
    var searched: Int
    var training: ModelSummary.Losses
    /// The network's losses on what was held out; nil if nothing was.
    var heldOut: ModelSummary.Losses?
    /// The log loss of what the engine foresees without a network, on the same accesses.
    var engineHeldOut: Double?
    /// From the first reading to the last writing.
    var seconds: Double

    init(
        _ model: Model, _ result: TrainingResult, file: String, bytes: Int, engineHeldOut: Double?,
        seconds: Double
    ) {
        self.model = model.label
        self.file = file
        self.bytes = bytes
        source = model.origin.createdFrom
        accesses = result.accesses
        customers = result.customers
        partitions = model.names.partitions.count
        units = model.weights.layout.shape.hidden
        epochs = model.origin.epochs
        searched = result.epochs.count - epochs
        training = ModelSummary.Losses(model.origin.training)
        heldOut = model.origin.heldOut.map { ModelSummary.Losses($0) }
        self.engineHeldOut = engineHeldOut
        self.seconds = seconds
    }

    /// For people.
    var text: String {
        let name = model.prefix { $0 != "/" }
        var rows = [
            ("model", "\(model) in \(file), \(bytes) bytes, \(units) units, \(partitions) partitions"),
            ("trained on", source),
            ("", "\(accesses) accesses; \(customers) customers have two or more"),
            ("epochs", "\(epochs), after \(searched) to find how many; \(ReplayProgress.text(seconds))"),
            ("losses", ModelSummary.text(training)),
        ]
        if let heldOut {
            rows.append(("held out", ModelSummary.text(heldOut)))
            if let engineHeldOut {
                let short = ModelSummary.short(engineHeldOut)
                rows.append(("", "next \(short) nats by the engine without a network"))
            }
        }
        rows += [
            ("to use it", "foreshadow models publish \(file) --config foreshadow.yaml"),
            ("", "foreshadow models activate \(name) --config foreshadow.yaml"),
        ]
        return rows.map { $0.0.padding(toLength: 12, withPad: " ", startingAt: 0) + $0.1 }
            .joined(separator: "\n")
    }
}
