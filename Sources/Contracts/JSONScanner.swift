/// A strict RFC 8259 scanner that copies nothing: values come as ranges of the text.
///
/// The text must have passed `UTF8Check`. Members nobody asks for are checked as strictly as all others; so
/// are surrogates, of which RFC 8259 lets lone ones pass and this scanner does not.
struct JSONScanner: ~Escapable {
    /// What `maximumDepth` is cut to, because values are scanned recursively.
    static let depthLimit = 512

    let text: RawSpan
    let count: Int
    var position: Int
    private var depth = 0
    private let maximumDepth: Int
    /// Whether the container just opened has shown no member or element yet.
    private var isFirst = false

    @_lifetime(copy text)
    @inline(__always)
    init(_ text: RawSpan, from position: Int = 0, maximumDepth: Int) {
        self.text = text
        count = text.byteCount
        self.position = position
        self.maximumDepth = min(maximumDepth, Self.depthLimit)
    }

    func failure(_ what: StaticString) -> JSONFailure { JSONFailure(what: what, offset: position) }

    func failure(_ reason: Rejection.Reason, _ what: StaticString) -> JSONFailure {
        JSONFailure(reason: reason, what: what, offset: position)
    }

    /// Skips white space. The byte after it, or 0 at the end (no value starts with a zero byte).
    @inline(__always)
    mutating func peek() -> UInt8 {
        while position < count {
            let byte = text.byte(position)
            if byte > 0x20 { return byte }
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return 0 }
            position += 1
        }
        return 0
    }

    /// Takes the `{` of an object or the `[` of an array.
    @inline(__always)
    mutating func open(_ bracket: UInt8) throws(JSONFailure) {
        guard peek() == bracket else { throw failure("an object or array was expected") }
        guard depth < maximumDepth else { throw failure("nesting is too deep") }
        position += 1
        depth += 1
        isFirst = true
    }

    /// The name of the open object's next member, with its colon taken; nil when its `}` was taken instead.
    @inline(__always)
    mutating func nextMember() throws(JSONFailure) -> JSONToken? {
        guard try advance(closing: 0x7D) else { return nil }
        guard peek() == 0x22 else { throw failure("a member's name was expected") }
        let name = try string()
        guard peek() == 0x3A else { throw failure("':' was expected") }
        position += 1
        return name
    }

    /// Whether the open array has another element; if not, its `]` was taken.
    @inline(__always)
    mutating func nextElement() throws(JSONFailure) -> Bool { try advance(closing: 0x5D) }

    @inline(__always)
    private mutating func advance(closing bracket: UInt8) throws(JSONFailure) -> Bool {
        let next = peek()
        if next == bracket {
            position += 1
            depth -= 1
            isFirst = false
            return false
        }
        if !isFirst {
            guard next == 0x2C else { throw failure("',' or the closing bracket was expected") }
            position += 1
        }
        isFirst = false
        return true
    }

    /// Checks that nothing but white space follows.
    mutating func end() throws(JSONFailure) {
        _ = peek()
        if position < count { throw failure("nothing may follow the value") }
    }

    /// The next value, checked to its end.
    mutating func value() throws(JSONFailure) -> JSONToken {
        switch peek() {
        case 0x22: try string()
        case 0x7B: try container(0x7B, .object)
        case 0x5B: try container(0x5B, .array)
        case 0x74: try literal("true", .boolean)
        case 0x66: try literal("false", .boolean)
        case 0x6E: try literal("null", .null)
        default: try number()
        }
    }

    private mutating func container(_ bracket: UInt8, _ kind: JSONToken.Kind) throws(JSONFailure) -> JSONToken
    {
        let start = position
        try open(bracket)
        if kind == .object {
            while try nextMember() != nil { _ = try value() }
        } else {
            while try nextElement() { _ = try value() }
        }
        return JSONToken(kind: kind, offset: start, count: position - start)
    }

    private mutating func literal(
        _ word: StaticString, _ kind: JSONToken.Kind
    ) throws(JSONFailure) -> JSONToken {
        let length = word.utf8CodeUnitCount
        guard count - position >= length, text.extracting(position..<position + length).equals(word) else {
            throw failure("a value was expected")
        }
        position += length
        return JSONToken(kind: kind, offset: position - length, count: length)
    }

    private mutating func number() throws(JSONFailure) -> JSONToken {
        let start = position
        if position < count, text.byte(position) == 0x2D { position += 1 }
        let first = position
        try digits()
        if text.byte(first) == 0x30, position > first + 1 {
            position = first
            throw failure("a number must not start with 0")
        }
        if position < count, text.byte(position) == 0x2E {
            position += 1
            try digits()
        }
        if position < count, text.byte(position) | 0x20 == 0x65 {
            position += 1
            if position < count, text.byte(position) == 0x2B || text.byte(position) == 0x2D { position += 1 }
            try digits()
        }
        return JSONToken(kind: .number, offset: start, count: position - start)
    }

    @inline(__always)
    private mutating func digits() throws(JSONFailure) {
        let start = position
        while position < count, text.byte(position) &- 0x30 < 10 { position += 1 }
        if position == start {
            throw failure(start == count ? "the text ends early" : "a value was expected")
        }
    }
}
