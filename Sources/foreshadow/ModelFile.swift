import Affinity
import Foundation

/// Models on disk.
enum ModelFile {
    /// Reads a model; a file that is none is refused with a reason.
    static func read(_ path: String) throws -> Model {
        let data: Data
        do {
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
            if size > Model.fileSizeMax {
                throw CommandFailure.input(
                    "'\(path)' has \(size) bytes; a model has at most \(Model.fileSizeMax)")
            }
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch let failure as CommandFailure {
            throw failure
        } catch { throw CommandFailure.input("cannot read '\(path)': \(error.localizedDescription)") }
        let bytes = [UInt8](data)
        do throws(ModelFailure) {
            return try Model(decoding: bytes.span.bytes)
        } catch { throw CommandFailure.input("'\(path)' is no usable model: \(error)") }
    }

    /// Writes a model, whole or not at all.
    static func write(_ model: Model, to path: String) throws {
        do {
            try Data(model.encoded()).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch { throw CommandFailure.input("cannot write '\(path)': \(error.localizedDescription)") }
    }
}
