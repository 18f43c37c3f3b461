import Contracts

/// Finds the few members of a JSON object that a reader needs, without judging the rest.
///
/// Stops where the text is no JSON and keeps what it found so far. Of members with one name the last counts.
struct InteractionScan {
    /// What was found.
    struct Fields {
        var customer: [UInt8] = []
        var time: EventTime?
        var region: String?
        var domain: String?
        var kind: String?
        var product: String?
    }

    private let bytes: [UInt8]
    private var at = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The members of the object on a line.
    static func fields(of line: [UInt8]) -> Fields {
        var scan = Self(line)
        var fields = Fields()
        guard scan.take("{") else { return fields }
        repeat {
            guard let name = scan.string(), scan.take(":"), scan.member(name, into: &fields) else { break }
        } while scan.take(",")
        return fields
    }

    /// Takes one value and keeps it if it is wanted; false if it is no value.
    private mutating func member(_ name: [UInt8], into fields: inout Fields) -> Bool {
        guard let first = peek() else { return false }
        guard first == UInt8(ascii: "\"") else {
            let start = at
            guard skipValue() else { return false }
            if name.elementsEqual("time".utf8) { fields.time = TimeText.integer(bytes[start..<at]) }
            return true
        }
        guard let text = string() else { return false }
        if name.elementsEqual("customer".utf8) {
            fields.customer = text
        } else if name.elementsEqual("region".utf8) {
            fields.region = String(decoding: text, as: UTF8.self)
        } else if name.elementsEqual("domain".utf8) {
            fields.domain = String(decoding: text, as: UTF8.self)
        } else if name.elementsEqual("kind".utf8) {
            fields.kind = String(decoding: text, as: UTF8.self)
        } else if name.elementsEqual("product".utf8) {
            fields.product = String(decoding: text, as: UTF8.self)
        } else if name.elementsEqual("time".utf8) {
            fields.time = TimeText.parse(text[...])
        }
        return true
    }

    /// Takes a number, a literal, or everything between matching brackets.
    private mutating func skipValue() -> Bool {
        let start = at
        var depth = 0
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "\""):
                guard string() != nil else { return false }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return at > start }
                depth -= 1
            case UInt8(ascii: ",") where depth == 0, 0x20 where depth == 0, 0x09 where depth == 0:
                return at > start
            default: break
            }
            at += 1
        }
        return false
    }

    /// Takes a string and resolves its escapes; nil if none is here.
    private mutating func string() -> [UInt8]? {
        guard take("\"") else { return nil }
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: "\""), bytes[at] != UInt8(ascii: "\\") { at += 1 }
        var text = Array(bytes[start..<at])
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if byte == UInt8(ascii: "\"") { return text }
            if byte != UInt8(ascii: "\\") {
                text.append(byte)
            } else if !escape(into: &text) {
                return nil
            }
        }
        return nil
    }

    private mutating func escape(into text: inout [UInt8]) -> Bool {
        guard at < bytes.count else { return false }
        let byte = bytes[at]
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "u"):
            guard let scalar = scalar() else { return false }
            text.append(contentsOf: String(Character(scalar)).utf8)
        default: return false
        }
        return true
    }

    /// The scalar of the digits after `\u`, of two such escapes for a surrogate pair.
    private mutating func scalar() -> Unicode.Scalar? {
        guard let first = unit() else { return nil }
        guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) }
        guard at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") else {
            return nil
        }
        at += 2
        guard let second = unit(), (0xDC00..<0xE000).contains(second) else { return nil }
        return Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    }

    private mutating func unit() -> UInt32? {
        guard at + 4 <= bytes.count else { return nil }
        var value: UInt32 = 0
        for byte in bytes[at..<at + 4] {
            guard let digit = hexDigit(byte) else { return nil }
            value = value << 4 | digit
        }
        at += 4
        return value
    }

    private func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte) - 0x30
        case 0x41...0x46: UInt32(byte) - 0x41 + 10
        case 0x61...0x66: UInt32(byte) - 0x61 + 10
        default: nil
        }
    }

    private mutating func peek() -> UInt8? {
        while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x09 { at += 1 }
        return at < bytes.count ? bytes[at] : nil
    }

    private mutating func take(_ wanted: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: wanted) else { return false }
        at += 1
        return true
    }
}
