internal import Contracts

/// A number for everything that determines what a stage's state means, so that state of another meaning is
/// refused instead of misread.
enum Fingerprint {
    static func of(_ parts: any Sendable...) -> UInt64 {
        // The description of a value names every stored property, those that are added later too.
        let text = parts.map { String(describing: $0) }.joined(separator: "\n")
        return ByteHash.hash(text.utf8Span.span.bytes)
    }
}
