import Affinity
import Contracts
import Foundation
import Training

@testable import foreshadow

/// A folder that goes with its owner, for what a training reads and writes.
final class TrainingFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "train-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }

    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    /// 600 events: five customers go back and forth between two regions, five stay.
    func trace() throws -> String {
        var text = "customer,ts,region,domain,kind\n"
        for i in 0..<600 {
            let customer = i % 10
            let region = customer < 5 ? "home\(customer % 2)" : "place\((i / 10) % 2)"
            text += "c\(customer),\(i * 600_000),\(region),sales,\(i % 3 == 0 ? "browse" : "purchase")\n"
        }
        return try write(text, to: "trace.csv")
    }
}

/// A training that takes a moment.
func smallTraining(_ input: TrainingInput, out: String) -> TrainRun {
    var run = TrainRun(input: input, name: "small", out: out)
    run.units = 8
    run.numbers.epochsMax = 3
    run.numbers.lanes = 4
    run.numbers.window = 8
    return run
}
