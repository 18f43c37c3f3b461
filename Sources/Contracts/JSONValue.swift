/// A JSON value as a tree, for documents that are few; records go through the scanner and the writer.
public indirect enum JSONValue: Sendable, Equatable {
    /// A member of an object.
    public struct Member: Sendable, Equatable {
        /// Its name.
        public var name: String
        /// Its value.
        public var value: JSONValue

        /// Makes a member.
        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// `null`.
    case null
    /// `true` or `false`.
    case boolean(Bool)
    /// A number, as it is written.
    case number(String)
    /// A string, without quotes and escapes.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object, its members in their order.
    case object([Member])

    /// A whole number.
    public static func integer(_ value: Int) -> JSONValue { .number("\(value)") }

    /// A finite number, in the fewest digits that say it exactly.
    public static func real(_ value: Double) -> JSONValue { .number("\(value)") }

    /// Reads a document by RFC 8259. Lone surrogates, nesting deeper than 32 and a name that an object has
    /// twice are refused, because readers differ in what they take them for.
    public init(parsing document: RawSpan) throws(Rejection) {
        do throws(JSONFailure) {
            try UTF8Check.check(document)
            var scanner = JSONScanner(document, maximumDepth: 32)
            self = try Self.next(&scanner)
            try scanner.end()
        } catch {
            throw Rejection(error)
        }
    }

    private static func next(_ scanner: inout JSONScanner) throws(JSONFailure) -> JSONValue {
        switch scanner.peek() {
        case 0x7B: return try object(&scanner)
        case 0x5B:
            var elements: [JSONValue] = []
            try scanner.open(0x5B)
            while try scanner.nextElement() { elements.append(try next(&scanner)) }
            return .array(elements)
        default:
            let token = try scanner.value()
            let text = scanner.text.extracting(token.range)
            switch token.kind {
            case .string: return .string(String(decoding: JSONEscape.bytes(text), as: UTF8.self))
            case .number: return .number(text.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
            case .boolean: return .boolean(token.count == 4)
            default: return .null
            }
        }
    }

    private static func object(_ scanner: inout JSONScanner) throws(JSONFailure) -> JSONValue {
        var members: [Member] = []
        var names: Set<String> = []
        try scanner.open(0x7B)
        while let token = try scanner.nextMember() {
            let bytes = JSONEscape.bytes(scanner.text.extracting(token.range))
            let name = String(decoding: bytes, as: UTF8.self)
            guard names.insert(name).inserted else { throw scanner.failure("a name stands twice") }
            members.append(Member(name, try next(&scanner)))
        }
        return .object(members)
    }

    /// Writes it, without white space. Numbers must be such as JSON has.
    public func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.literal("null")
        case .boolean(let value): writer.boolean(value)
        case .number(let text): writer.append(text.utf8Span.span.bytes)
        case .string(let text): writer.string(text)
        case .array(let elements):
            writer.literal("[")
            for (i, element) in elements.enumerated() {
                if i > 0 { writer.literal(",") }
                element.write(to: &writer)
            }
            writer.literal("]")
        case .object(let members):
            writer.literal("{")
            for (i, member) in members.enumerated() {
                if i > 0 { writer.literal(",") }
                writer.string(member.name)
                writer.literal(":")
                member.value.write(to: &writer)
            }
            writer.literal("}")
        }
    }
}

extension JSONValue {
    /// The value of the member called `name`; nil if there is none, or this is no object.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// What it says, if it is a string.
    public var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// Its elements, if it is an array.
    public var elements: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// Its value, if it is a number without fraction or exponent that fits.
    public var wholeNumber: Int? {
        guard case .number(let text) = self else { return nil }
        return Int(text)
    }

    /// The nearest number there is, if it is a number that is not too great for one.
    public var realNumber: Double? {
        guard case .number(let text) = self, let value = Double(text), value.isFinite else { return nil }
        return value
    }
}
