import CZlib
import Glibc

/// Lines of a file that may be gzip or plain, read in pieces.
///
/// zlib looks at the first bytes and passes plain files through.
struct CompressedInput: ~Copyable {
    /// The longest line taken: what a Kafka message may hold by default.
    static let lineLimit = 1 << 20

    /// The path, as the caller gave it.
    let path: String
    /// Bytes on disk; nil where that is not known, as for a pipe.
    let size: Int64?
    /// Lines taken so far.
    private(set) var line = 0

    private let file: gzFile
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private var start = 0
    private var end = 0
    private var isAtEnd = false

    /// Opens a file, or standard input for `-`.
    init(path: String) throws(TraceFailure) {
        let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw TraceFailure(path: path, line: nil, reason: .cannotOpen(Self.systemReason()))
        }
        var info = stat()
        let isFile = fstat(descriptor, &info) == 0 && info.st_mode & S_IFMT == S_IFREG
        guard let file = gzdopen(descriptor, "rb") else {
            close(descriptor)
            throw TraceFailure(path: path, line: nil, reason: .cannotOpen("out of memory"))
        }
        gzbuffer(file, 1 << 17)
        self.path = path
        self.file = file
        size = isFile ? Int64(info.st_size) : nil
    }

    deinit { gzclose_r(file) }

    /// Bytes on disk that were taken in so far.
    var offset: Int64 { Int64(gzoffset(file)) }

    /// The first byte that is not white space, without taking it; skips a byte order mark. Only at the start.
    mutating func firstByte() throws(TraceFailure) -> UInt8? {
        guard try fill() else { return nil }
        if end >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF { start = 3 }
        return buffer[start..<end].first { $0 != 0x20 && !(0x09...0x0D).contains($0) }
    }

    /// Appends the next line without its line feed; false at the end of the input.
    mutating func appendLine(to out: inout [UInt8]) throws(TraceFailure) -> Bool {
        var isTaken = false
        while true {
            if start == end {
                guard try fill() else { break }
            }
            if !isTaken { line += 1 }
            isTaken = true
            let stop = lineFeed()
            guard out.count + (stop ?? end) - start <= Self.lineLimit else {
                throw TraceFailure(path: path, line: line, reason: .tooLong(limit: Self.lineLimit))
            }
            out.append(contentsOf: buffer[start..<(stop ?? end)])
            start = stop.map { $0 + 1 } ?? end
            if stop != nil { break }
        }
        return isTaken
    }

    private func lineFeed() -> Int? {
        buffer.withUnsafeBytes { all in
            guard let base = all.baseAddress, let found = memchr(base + start, 0x0A, end - start) else {
                return nil
            }
            return UnsafeRawPointer(found) - base
        }
    }

    /// Refills the empty buffer; false at the end of the input.
    private mutating func fill() throws(TraceFailure) -> Bool {
        if isAtEnd { return false }
        let file = file
        let count = buffer.withUnsafeMutableBytes { gzread(file, $0.baseAddress, UInt32($0.count)) }
        // A gzip stream that was cut short ends like a whole one; only the error code tells.
        var code: Int32 = Z_OK
        let text = gzerror(file, &code)
        guard count >= 0, code == Z_OK || code == Z_STREAM_END else {
            isAtEnd = true
            let why = code == Z_ERRNO ? Self.systemReason() : text.map { String(cString: $0) } ?? "unknown"
            throw TraceFailure(path: path, line: line + 1, reason: .cannotRead(why))
        }
        start = 0
        end = Int(count)
        isAtEnd = count == 0
        return count > 0
    }

    private static func systemReason() -> String { String(cString: strerror(errno)) }
}
