/// Writes one compact JSON object, member by member, to the end of a byte buffer.
struct JSONObjectText {
    private var isFirst = true

    /// Opens the object.
    init(_ out: inout [UInt8]) { out.append(UInt8(ascii: "{")) }

    /// Closes the object.
    func end(_ out: inout [UInt8]) { out.append(UInt8(ascii: "}")) }

    mutating func add(_ name: StaticString, _ value: String, to out: inout [UInt8]) {
        key(name, to: &out)
        Self.string(value, to: &out)
    }

    mutating func add(_ name: StaticString, _ value: Int64, to out: inout [UInt8]) {
        key(name, to: &out)
        Self.integer(value, to: &out)
    }

    /// Adds an array; `element` writes one of its elements.
    mutating func add<Element>(
        _ name: StaticString, _ values: [Element], to out: inout [UInt8],
        element: (Element, inout [UInt8]) -> Void
    ) {
        key(name, to: &out)
        out.append(UInt8(ascii: "["))
        for (place, value) in values.enumerated() {
            if place > 0 { out.append(UInt8(ascii: ",")) }
            element(value, &out)
        }
        out.append(UInt8(ascii: "]"))
    }

    private mutating func key(_ name: StaticString, to out: inout [UInt8]) {
        if !isFirst { out.append(UInt8(ascii: ",")) }
        isFirst = false
        out.append(UInt8(ascii: "\""))
        out.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        out.append(UInt8(ascii: "\""))
        out.append(UInt8(ascii: ":"))
    }

    private static func string(_ value: String, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        let text = value.utf8Span.span
        var plain = true
        for i in text.indices where mustEscape(text[i]) { plain = false }
        if plain {
            text.withUnsafeBufferPointer { out.append(contentsOf: $0) }
        } else {
            for i in text.indices { escaped(text[i], to: &out) }
        }
        out.append(UInt8(ascii: "\""))
    }

    private static func mustEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func escaped(_ byte: UInt8, to out: inout [UInt8]) {
        guard mustEscape(byte) else { return out.append(byte) }
        out.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): out.append(byte)
        case 0x0A: out.append(UInt8(ascii: "n"))
        case 0x0D: out.append(UInt8(ascii: "r"))
        case 0x09: out.append(UInt8(ascii: "t"))
        default:
            let digits: StaticString = "0123456789abcdef"
            out.append(contentsOf: [UInt8(ascii: "u"), UInt8(ascii: "0"), UInt8(ascii: "0")])
            out.append(digits.utf8Start[Int(byte >> 4)])
            out.append(digits.utf8Start[Int(byte & 15)])
        }
    }

    /// Appends the decimal digits of `value`.
    static func integer(_ value: Int64, to out: inout [UInt8]) {
        if value < 0 { out.append(UInt8(ascii: "-")) }
        let start = out.count
        var rest = value.magnitude
        repeat {
            out.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        out[start...].reverse()
    }
}
