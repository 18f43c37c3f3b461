/// An object whose members are looked up by name. For records that are few: every look-up scans again.
///
/// Of members with one name the last counts; null counts as absent.
struct JSONObjectView: ~Escapable {
    /// Integers beyond this are not exact in every JSON reader (RFC 8259, section 6).
    static let exactLimit: Int64 = 9_007_199_254_740_991

    private let text: RawSpan
    /// What stands before the names of members in the details of rejections.
    private let path: StaticString

    /// Checks a whole record, which must be one object.
    @_lifetime(copy document)
    init(document: RawSpan) throws(Rejection) {
        do throws(JSONFailure) {
            try UTF8Check.check(document)
            var scanner = JSONScanner(document, maximumDepth: 32)
            guard scanner.peek() == 0x7B else { throw scanner.failure("an object was expected") }
            _ = try scanner.value()
            try scanner.end()
        } catch {
            throw Rejection(error)
        }
        self.init(text: document, path: "")
    }

    /// Throws if a value is larger than an interaction may be by default; for records that others write.
    static func checkSize(_ value: RawSpan) throws(Rejection) {
        let maximum = InteractionLimits().maximumValueBytes
        guard value.byteCount <= maximum else {
            throw Rejection(
                .tooLarge, "the value has \(value.byteCount) bytes; at most \(maximum) are accepted")
        }
    }

    @_lifetime(copy text)
    private init(text: RawSpan, path: StaticString) {
        self.text = text
        self.path = path
    }

    // MARK: Rejections

    func missing(_ name: StaticString) -> Rejection { Rejection(.missingField, "\(path)\(name) is missing") }

    func invalid(_ name: StaticString, _ what: StaticString) -> Rejection {
        Rejection(.invalidField, "\(path)\(name) \(what)")
    }

    // MARK: Values

    /// The member's value, or an absent token.
    func token(_ name: StaticString) -> JSONToken {
        var scanner = JSONScanner(text, maximumDepth: JSONScanner.depthLimit)
        var found = JSONToken()
        do throws(JSONFailure) {
            try scanner.open(0x7B)
            while let member = try scanner.nextMember() {
                let value = try scanner.value()
                if matches(member, name) { found = value }
            }
        } catch {
            return JSONToken()  // does not happen: the text has passed once
        }
        return found.isAbsent ? JSONToken() : found
    }

    private func matches(_ member: JSONToken, _ name: StaticString) -> Bool {
        let bytes = text.extracting(member.range)
        guard member.hasEscapes else { return bytes.equals(name) }
        let plain = JSONEscape.bytes(bytes)
        return plain.span.bytes.equals(name)
    }

    /// A required member of a kind; `what` says what was expected.
    private func required(
        _ name: StaticString, _ kind: JSONToken.Kind, _ what: StaticString
    ) throws(Rejection) -> JSONToken {
        let token = token(name)
        if token.isAbsent { throw missing(name) }
        guard token.kind == kind else { throw invalid(name, what) }
        return token
    }

    /// A required integer within `range`.
    func integer(_ name: StaticString, in range: ClosedRange<Int64>) throws(Rejection) -> Int64 {
        let token = try required(name, .number, "must be an integer")
        guard let value = JSONNumber(text, token).integer else { throw invalid(name, "must be an integer") }
        guard range.contains(value) else { throw invalid(name, "is out of range") }
        return value
    }

    /// A required integer that is not negative.
    func count(_ name: StaticString) throws(Rejection) -> Int64 { try integer(name, in: 0...Self.exactLimit) }

    /// A required number that is not below `least`, in thousandths, rounded to the nearest.
    func milli(_ name: StaticString, atLeast least: Int64 = 0) throws(Rejection) -> Int64 {
        let token = try required(name, .number, "must be a number")
        guard let value = JSONNumber(text, token).rounded(timesTenTo: 3), value >= least else {
            throw invalid(name, "is out of range")
        }
        return value
    }

    /// A required time: epoch milliseconds or RFC 3339.
    func time(_ name: StaticString) throws(Rejection) -> EventTime {
        let token = token(name)
        if token.isAbsent { throw missing(name) }
        guard let time = EventTimeText.time(text, token) else {
            throw invalid(name, "must be epoch milliseconds from 0 on, or an RFC 3339 date-time")
        }
        return time
    }

    /// A required truth value.
    func boolean(_ name: StaticString) throws(Rejection) -> Bool {
        try required(name, .boolean, "must be true or false").count == 4
    }

    /// A required string.
    func string(_ name: StaticString) throws(Rejection) -> String {
        String(decoding: try bytes(name), as: UTF8.self)
    }

    /// A required string's UTF-8.
    func bytes(_ name: StaticString) throws(Rejection) -> [UInt8] {
        let token = try required(name, .string, "must be a string")
        return JSONEscape.bytes(text.extracting(token.range))
    }

    /// A required name of a configured partition.
    func partition(_ name: StaticString, in map: PartitionMap) throws(Rejection) -> PartitionIndex {
        let text = try bytes(name)
        guard let index = map.find(text.span.bytes) else {
            throw Rejection(.unknownPartition, "\(path)\(name) names no configured partition")
        }
        return index
    }

    // MARK: Containers

    /// A required object; `path` is its name with a dot.
    @_lifetime(copy self)
    func object(_ name: StaticString, path: StaticString) throws(Rejection) -> JSONObjectView {
        let token = try required(name, .object, "must be an object")
        return JSONObjectView(text: text.extracting(token.range), path: path)
    }

    /// Calls `body` with every element of a required array of objects.
    func forEach(
        _ name: StaticString, path: StaticString, _ body: (borrowing JSONObjectView) throws(Rejection) -> Void
    ) throws(Rejection) {
        let array = try required(name, .array, "must be an array of objects")
        var scanner = JSONScanner(text, from: array.offset, maximumDepth: JSONScanner.depthLimit)
        var element = try Self.next(&scanner, isFirst: true)
        while element.kind != .absent {
            guard element.kind == .object else { throw invalid(name, "must be an array of objects") }
            try body(JSONObjectView(text: text.extracting(element.range), path: path))
            element = try Self.next(&scanner, isFirst: false)
        }
    }

    /// The array's next element, or an absent token after the last.
    private static func next(_ scanner: inout JSONScanner, isFirst: Bool) throws(Rejection) -> JSONToken {
        do throws(JSONFailure) {
            if isFirst { try scanner.open(0x5B) }
            guard try scanner.nextElement() else { return JSONToken() }
            return try scanner.value()
        } catch {
            throw Rejection(error)
        }
    }
}
