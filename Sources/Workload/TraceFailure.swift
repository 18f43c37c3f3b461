/// Why a trace cannot be read, with the place in the file.
public struct TraceFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: Error, Sendable, Equatable {
        /// The file cannot be opened; holds the system's reason. Check the path and the rights.
        case cannotOpen(String)
        /// Reading failed part of the way, or the gzip stream is damaged or cut short.
        case cannotRead(String)
        /// A line, or a row that quotes stretch over lines, is longer than `limit` bytes.
        case tooLong(limit: Int)
        /// The header lacks a column that is needed. Add it, or rename the one that holds it.
        case missingColumn(String)
        /// The header has two columns for the same thing. Remove one.
        case duplicateColumn(String)
        /// The row has more or fewer fields than the header.
        case fieldCount(found: Int, expected: Int)
        /// A quoted field does not end before the input does.
        case unterminatedQuote
        /// A quote stands inside a field that does not start with one, or text follows a closing quote.
        case misplacedQuote(field: Int)
        /// A field that must hold something is empty.
        case emptyField(String)
        /// A field holds something that it cannot.
        case malformedField(String, value: String)
        /// The row is not UTF-8.
        case notUTF8
    }

    /// The file, as it was named by the caller.
    public var path: String
    /// The line where the row starts, counted from 1; nil where the whole file is meant.
    public var line: Int?
    /// What is wrong.
    public var reason: Reason

    /// Names a place and what is wrong there.
    public init(path: String, line: Int?, reason: Reason) {
        self.path = path
        self.line = line
        self.reason = reason
    }

    /// `file:line: reason`, for people and for editors that jump to such places.
    public var description: String {
        if let line { return "\(path):\(line): \(reason)" }
        return "\(path): \(reason)"
    }
}

extension TraceFailure.Reason: CustomStringConvertible {
    /// The reason, for people.
    public var description: String {
        switch self {
        case .cannotOpen(let why): "cannot be opened: \(why)"
        case .cannotRead(let why): "cannot be read: \(why)"
        case .tooLong(let limit): "the line is longer than \(limit) bytes"
        case .missingColumn(let name): "the header has no column '\(name)'"
        case .duplicateColumn(let name): "the header has two columns for '\(name)'"
        case .fieldCount(let found, let expected): "the row has \(found) fields; the header has \(expected)"
        case .unterminatedQuote: "a quoted field does not end"
        case .misplacedQuote(let field): "field \(field) has a quote where none can be"
        case .emptyField(let name): "'\(name)' is empty"
        case .malformedField(let name, let value): "'\(name)' cannot be '\(value)'"
        case .notUTF8: "the row is not UTF-8"
        }
    }
}
