import Foundation

/// Standard output and standard error of the command line.
enum Output {
    /// Whether standard error is a terminal, so that progress can be drawn over.
    static let isTerminal = isatty(STDERR_FILENO) == 1

    /// Writes a line to standard output.
    static func line(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }

    /// Writes a line to standard error: what is not the result.
    static func note(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    /// Draws a progress line over the last one. Does nothing where nobody watches.
    static func progress(_ text: String) {
        if isTerminal { FileHandle.standardError.write(Data("\r\u{1B}[2K\(text)".utf8)) }
    }

    /// Ends a progress line.
    static func endProgress() {
        if isTerminal { FileHandle.standardError.write(Data("\r\u{1B}[2K".utf8)) }
    }

    /// A bar of `width` cells.
    static func bar(_ fraction: Double, width: Int = 24) -> String {
        let full = Int(max(0, min(1, fraction)) * Double(width))
        return String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
    }

    /// A value as JSON with sorted keys.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// Writes to standard error as it is.
    static func raw(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
