import CZlib
import Glibc
import Testing

/// A folder that goes away with its owner, for files a test writes.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/workload-tests-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    private var names: [String] = []

    /// Writes a plain file and gives its path.
    func plain(_ name: String, _ text: String) throws -> String {
        try write(name, Array(text.utf8), mode: "wbT")
    }

    /// Writes a gzip file and gives its path.
    func gzip(_ name: String, _ text: String) throws -> String {
        try write(name, Array(text.utf8), mode: "wb")
    }

    /// Cuts a file down to its first `count` bytes.
    func cut(_ path: String, to count: Int) throws {
        try #require(truncate(path, count) == 0)
    }

    /// Writes bytes, which may be no UTF-8, as a plain file and gives its path.
    func plain(_ name: String, bytes: [UInt8]) throws -> String { try write(name, bytes, mode: "wbT") }

    private func write(_ name: String, _ bytes: [UInt8], mode: String) throws -> String {
        let file = "\(path)/\(name)"
        let handle = try #require(gzopen(file, mode))
        names.append(name)
        if !bytes.isEmpty {
            let written = gzwrite(handle, bytes, UInt32(bytes.count))
            try #require(written == Int32(bytes.count))
        }
        try #require(gzclose(handle) == Z_OK)
        return file
    }
}
