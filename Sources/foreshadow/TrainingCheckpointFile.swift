import Affinity
import Foundation
import Training

/// Where a training keeps what it takes to go on.
struct TrainingCheckpointFile {
    let path: String

    /// What there is to go on from: nil if there is no file. A file that nobody asked to go on from is refused, so
    /// that it is not lost.
    func read(isResumed: Bool) throws -> TrainingCheckpoint? {
        guard FileManager.default.fileExists(atPath: path) else {
            if isResumed { Output.note("there is no checkpoint at '\(path)' yet: training starts anew") }
            return nil
        }
        guard isResumed else {
            throw CommandFailure.input(
                "'\(path)' exists: go on from it with --resume, or remove it to start anew")
        }
        let bytes = try ModelFile.bytes(path, limit: TrainingCheckpoint.fileSizeMax)
        do throws(TrainingFailure) {
            return try TrainingCheckpoint(decoding: bytes.span.bytes)
        } catch { throw CommandFailure.input("'\(path)': \(error)") }
    }

    /// Writes a checkpoint, whole or not at all.
    func write(_ checkpoint: TrainingCheckpoint) throws {
        try ModelFile.write(checkpoint.encoded(), to: path)
    }
}
