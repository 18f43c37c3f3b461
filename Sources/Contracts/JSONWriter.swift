/// Writes compact JSON into a buffer that is reused from record to record.
///
/// The caller puts the commas and brackets; what is not a value goes through `literal`.
public struct JSONWriter: Sendable {
    /// What was written since `removeAll()`.
    public private(set) var bytes: [UInt8] = []

    /// An empty writer.
    public init() { bytes.reserveCapacity(2_048) }

    /// Forgets what was written and keeps the memory.
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Appends text that is JSON already.
    @inline(__always)
    public mutating func literal(_ text: StaticString) {
        text.withUTF8Buffer { source in append(unsafe RawSpan(_unsafeElements: source)) }
    }

    /// Appends bytes that are JSON already.
    @inline(__always)
    public mutating func append(_ source: RawSpan) {
        reserve(source.byteCount) { $0.put(source) }
    }

    /// Appends an integer.
    public mutating func integer(_ value: Int64) {
        reserve(20) { cursor in
            if value < 0 { cursor.put(0x2D) }
            cursor.digits(value.magnitude)
        }
    }

    /// Appends an integer.
    public mutating func integer(_ value: UInt64) { reserve(20) { $0.digits(value) } }

    /// Appends `true` or `false`.
    public mutating func boolean(_ value: Bool) { literal(value ? "true" : "false") }

    /// Appends ten-thousandths, at most `probabilityOne`, as the shortest decimal: 0.1234, 0.5, 1, 0.
    public mutating func probability(units: ProbabilityUnits) {
        reserve(JSONCursor.probabilityWidth) { $0.probability(units) }
    }

    /// Appends thousandths as the shortest decimal: 1.5, -0.001, 3.
    public mutating func milli(_ value: Int64) {
        reserve(24) { cursor in
            if value < 0 { cursor.put(0x2D) }
            let (whole, rest) = value.magnitude.quotientAndRemainder(dividingBy: 1_000)
            cursor.digits(whole)
            if rest > 0 { cursor.fraction(UInt32(truncatingIfNeeded: rest) * 10) }
        }
    }

    /// Appends millionths as the shortest decimal.
    mutating func micros(_ value: Int64) {
        reserve(28) { cursor in
            if value < 0 { cursor.put(0x2D) }
            let (whole, rest) = value.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
            cursor.digits(whole)
            if rest > 0 { cursor.fraction(micros: rest) }
        }
    }

    /// Appends UTF-8 text as a string with its quotes.
    public mutating func string(_ text: RawSpan) {
        reserve(2 + text.byteCount * 6) { cursor in
            cursor.put(0x22)
            cursor.escaped(text)
            cursor.put(0x22)
        }
    }

    /// Appends text as a string with its quotes.
    public mutating func string(_ text: String) { string(text.utf8Span.span.bytes) }

    /// Appends `"name":units` for a member of a vector.
    @inline(__always)
    mutating func entry(_ name: RawSpan, _ units: ProbabilityUnits) {
        reserve(name.byteCount + JSONCursor.probabilityWidth) { cursor in
            cursor.put(name)
            cursor.probability(units)
        }
    }

    /// Lets `body` write at most `count` bytes to the end.
    @inline(__always)
    private mutating func reserve(_ count: Int, _ body: (inout JSONCursor) -> Void) {
        bytes.append(addingCapacity: count) { span in
            unsafe span.withUnsafeMutableBufferPointer { buffer, written in
                guard let start = buffer.baseAddress else { return }
                var cursor = unsafe JSONCursor(start)
                body(&cursor)
                written = unsafe cursor.count(from: start)
            }
        }
    }
}
