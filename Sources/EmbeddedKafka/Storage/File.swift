internal import Foundation
internal import Glibc
internal import NIOCore

/// Why what is stored cannot be read or written.
struct StorageError: Error, Equatable, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }

    /// A call of the system that just failed.
    init(_ path: String, cannot call: String) {
        self.init("\(path): cannot \(call): \(String(cString: strerror(errno)))")
    }
}

/// A file that grows at its end, or that is locked.
final class File {
    /// Where it was opened.
    let path: String
    private let descriptor: Int32
    private(set) var size: Int64

    /// Opens a file; one that is not there is created, empty.
    init(_ path: String) throws(StorageError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        if descriptor < 0 { throw StorageError(path, cannot: "open") }
        size = Int64(lseek(descriptor, 0, SEEK_END))
    }

    deinit { close(descriptor) }

    /// Writes all of it; when that fails, a part may be there.
    func append(_ bytes: ByteBuffer) throws(StorageError) {
        var rest = bytes
        while rest.readableBytes > 0 {
            let count = rest.withUnsafeReadableBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { throw StorageError(path, cannot: "write") }
            rest.moveReaderIndex(forwardBy: count)
            size += Int64(count)
        }
    }

    /// Sees to it that what was written outlives a loss of power.
    func sync() throws(StorageError) {
        if fsync(descriptor) != 0 { throw StorageError(path, cannot: "fsync") }
    }

    /// Whether nobody else held the lock; it is let go when this is.
    func lock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

    // MARK: Files by name

    /// What is in a file, and when it was written last, in epoch milliseconds.
    static func read(_ path: String) throws(StorageError) -> (bytes: [UInt8], modified: Int64) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { throw StorageError(path, cannot: "open") }
        defer { close(descriptor) }
        var status = stat()
        if fstat(descriptor, &status) != 0 { throw StorageError(path, cannot: "read") }
        let size = Int(status.st_size)
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let more = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), size - count)
                if more < 0, errno == EINTR { continue }
                if more <= 0 { return }
                count += more
            }
        }
        if bytes.count < size { throw StorageError(path, cannot: "read") }
        let modified = Int64(status.st_mtim.tv_sec) * 1_000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
        return (bytes, modified)
    }

    static func cut(_ path: String, to size: Int) throws(StorageError) {
        if truncate(path, size) != 0 { throw StorageError(path, cannot: "truncate") }
    }

    /// As `sync`, for a file or a folder; one that is gone by now needs it no more.
    static func sync(_ path: String) throws(StorageError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return }
        if descriptor < 0 { throw StorageError(path, cannot: "open") }
        defer { close(descriptor) }
        if fsync(descriptor) != 0 { throw StorageError(path, cannot: "fsync") }
    }

    /// Puts a file in the place of another in one step.
    static func move(_ path: String, to other: String) throws(StorageError) {
        if rename(path, other) != 0 { throw StorageError(path, cannot: "rename") }
    }

    /// Writes a small file in one step: it is there as a whole or not at all.
    static func replace(_ path: String, with bytes: ByteBuffer) throws(StorageError) -> File {
        let fresh = path + ".new"
        try remove(fresh)
        let file = try File(fresh)
        try file.append(bytes)
        try file.sync()
        try move(fresh, to: path)
        try sync((path as NSString).deletingLastPathComponent)
        return file
    }

    /// Removes a file or a folder with all that is in it, if it is there.
    static func remove(_ path: String) throws(StorageError) {
        if unlink(path) == 0 || errno == ENOENT { return }
        do { try FileManager.default.removeItem(atPath: path) } catch { throw StorageError("\(error)") }
    }

    /// Creates a folder with those above it.
    static func createFolder(_ path: String) throws(StorageError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw StorageError("\(path): cannot create: \(error.localizedDescription)")
        }
    }

    /// The names in a folder, in order; none if there is no folder.
    static func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }
}
