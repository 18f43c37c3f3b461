/// One row of comma-separated values as RFC 4180 has it: fields may be quoted, and quotes in them doubled.
struct CSVRow {
    /// The row's bytes; fields that held doubled quotes are shortened in place by `split`.
    var bytes: [UInt8] = []
    /// Where the fields are in `bytes`, without their quotes.
    private(set) var fields: [Range<Int>] = []

    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")

    /// Fills the row with the next one that is not blank and gives the line it starts on; nil at the end.
    mutating func take(from input: inout CompressedInput) throws(TraceFailure) -> Int? {
        repeat {
            bytes.removeAll(keepingCapacity: true)
            guard try input.appendLine(to: &bytes) else { return nil }
            let line = input.line
            var quotes = quotes(from: 0)
            while quotes % 2 == 1 {  // a quoted field goes on in the next line
                let from = bytes.count
                bytes.append(0x0A)
                guard try input.appendLine(to: &bytes) else {
                    throw TraceFailure(path: input.path, line: line, reason: .unterminatedQuote)
                }
                quotes += self.quotes(from: from)
            }
            if bytes.last == 0x0D { bytes.removeLast() }
            if !bytes.isEmpty { return line }
        } while true
    }

    private func quotes(from start: Int) -> Int {
        var count = 0
        for byte in bytes[start...] where byte == Self.quote { count += 1 }
        return count
    }

    /// Finds the fields.
    mutating func split() throws(TraceFailure.Reason) {
        fields.removeAll(keepingCapacity: true)
        var at = 0
        while true {
            let isQuoted = at < bytes.count && bytes[at] == Self.quote
            at = isQuoted ? try takeQuoted(at) : try takePlain(at)
            if at == bytes.count { return }
            at += 1
        }
    }

    /// The text of a field.
    func text(_ field: Int) throws(TraceFailure.Reason) -> String {
        do {
            return String(copying: try UTF8Span(validating: bytes.span.extracting(fields[field])))
        } catch { throw .notUTF8 }
    }

    private mutating func takePlain(_ start: Int) throws(TraceFailure.Reason) -> Int {
        var at = start
        while at < bytes.count, bytes[at] != Self.comma {
            if bytes[at] == Self.quote { throw .misplacedQuote(field: fields.count + 1) }
            at += 1
        }
        fields.append(start..<at)
        return at
    }

    private mutating func takeQuoted(_ start: Int) throws(TraceFailure.Reason) -> Int {
        var from = start + 1
        var to = from
        while true {
            guard from < bytes.count else { throw .unterminatedQuote }
            if bytes[from] == Self.quote {
                from += 1
                guard from < bytes.count, bytes[from] == Self.quote else { break }
            }
            bytes[to] = bytes[from]
            from += 1
            to += 1
        }
        if from < bytes.count, bytes[from] != Self.comma { throw .misplacedQuote(field: fields.count + 1) }
        fields.append(start + 1..<to)
        return from
    }
}
