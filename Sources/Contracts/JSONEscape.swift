/// What escapes stand for.
enum JSONEscape {
    /// The UTF-16 code unit of the `\uXXXX` at `offset`; nil if none is there.
    static func unit(_ text: RawSpan, _ offset: Int) -> UInt32? {
        guard offset + 6 <= text.byteCount, text.byte(offset) == 0x5C, text.byte(offset + 1) == 0x75 else {
            return nil
        }
        var unit: UInt32 = 0
        for at in offset + 2..<offset + 6 {
            guard let digit = hexDigit(text.byte(at)) else { return nil }
            unit = unit << 4 | digit
        }
        return unit
    }

    private static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte) - 0x30
        case 0x41...0x46: UInt32(byte) - 0x41 + 10
        case 0x61...0x66: UInt32(byte) - 0x61 + 10
        default: nil
        }
    }

    /// Writes what `string` says to `bytes` from `start` on, over what is there. Never longer than `string`.
    ///
    /// The scanner has passed the string. Returns how many bytes it was.
    static func rewrite(_ string: RawSpan, into bytes: inout [UInt8], at start: Int) -> Int {
        var out = start
        var at = 0
        while at < string.byteCount {
            let byte = string.byte(at)
            if byte == 0x5C, at + 1 < string.byteCount {
                at = rewriteEscape(string, at, into: &bytes, &out)
            } else {
                bytes[out] = byte
                out += 1
                at += 1
            }
        }
        return out - start
    }

    /// What `string` says.
    static func bytes(_ string: RawSpan) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: string.byteCount)
        let count = rewrite(string, into: &bytes, at: 0)
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    private static func rewriteEscape(
        _ string: RawSpan, _ offset: Int, into bytes: inout [UInt8], _ out: inout Int
    ) -> Int {
        var next = offset + 2
        var scalar = UInt32(string.byte(offset + 1))
        switch scalar {
        case 0x62: scalar = 0x08
        case 0x66: scalar = 0x0C
        case 0x6E: scalar = 0x0A
        case 0x72: scalar = 0x0D
        case 0x74: scalar = 0x09
        case 0x75:
            scalar = unit(string, offset) ?? 0xFFFD
            next += 4
            if scalar & 0xFC00 == 0xD800 {
                scalar = 0x10000 + ((scalar & 0x3FF) << 10 | ((unit(string, next) ?? 0xDC00) & 0x3FF))
                next += 6
            }
        default: break  // quote, backslash and slash stand for themselves
        }
        for unit in UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter {
            bytes[out] = unit
            out += 1
        }
        return next
    }
}
