import Affinity
import Foundation

/// Models on disk.
enum ModelFile {
    /// Reads a file of at most `limit` bytes.
    static func bytes(_ path: String, limit: Int) throws -> [UInt8] {
        do {
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
            if size > limit {
                throw CommandFailure.input("'\(path)' has \(size) bytes; at most \(limit) are read")
            }
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch let failure as CommandFailure {
            throw failure
        } catch { throw CommandFailure.input("cannot read '\(path)': \(error.localizedDescription)") }
    }

    /// Reads a model; a file that is none is refused with a reason.
    static func read(_ path: String) throws -> Model {
        let bytes = try bytes(path, limit: Model.fileSizeMax)
        do throws(ModelFailure) {
            return try Model(decoding: bytes.span.bytes)
        } catch { throw CommandFailure.input("'\(path)' is no usable model: \(error)") }
    }

    /// Writes a model, whole or not at all.
    static func write(_ model: Model, to path: String) throws { try write(model.encoded(), to: path) }

    /// Refuses a path at which no file can be written, before there is something to lose.
    static func checkWritable(_ path: String) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        if exists, isFolder.boolValue { throw CommandFailure.input("'\(path)' is a folder") }
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw CommandFailure.input("cannot write '\(path)': there is no folder '\(folder)' to write to")
        }
    }

    /// Writes a file, whole or not at all.
    static func write(_ bytes: [UInt8], to path: String) throws {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch { throw CommandFailure.input("cannot write '\(path)': \(error.localizedDescription)") }
    }
}
