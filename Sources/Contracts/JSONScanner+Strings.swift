extension JSONScanner {
    /// The string that starts here.
    @inline(__always)
    mutating func string() throws(JSONFailure) -> JSONToken {
        let start = position + 1
        var at = start
        while at + 8 <= count {
            let specials = Self.specials(text.word(at))
            if specials != 0 {
                at += specials.trailingZeroBitCount >> 3
                if text.byte(at) == 0x22 { return closed(start, at) }
                return try special(start, at)
            }
            at += 8
        }
        return try tail(start, at)
    }

    /// Sets the high bit of the first byte that is a quote, a backslash or a control character; bits above
    /// the lowest one set mean nothing.
    ///
    /// Source: Sean Eron Anderson, "Bit Twiddling Hacks", "Determine if a word has a byte less than n".
    @inline(__always)
    private static func specials(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* 0x22)
        let backslashes = word ^ (ones &* 0x5C)
        let isQuote = (quotes &- ones) & ~quotes
        let isBackslash = (backslashes &- ones) & ~backslashes
        let isControl = (word &- ones &* 0x20) & ~word
        return (isQuote | isBackslash | isControl) & (ones &* 0x80)
    }

    @inline(__always)
    private mutating func closed(_ start: Int, _ quote: Int, hasEscapes: Bool = false) -> JSONToken {
        position = quote + 1
        return JSONToken(kind: .string, hasEscapes: hasEscapes, offset: start, count: quote - start)
    }

    private mutating func tail(_ start: Int, _ from: Int) throws(JSONFailure) -> JSONToken {
        var at = from
        while at < count {
            let byte = text.byte(at)
            if byte == 0x22 { return closed(start, at) }
            if byte == 0x5C || byte < 0x20 { return try special(start, at) }
            at += 1
        }
        position = count
        throw failure("the text ends within a string")
    }

    /// The rest of a string from its first escape or control character on.
    private mutating func special(_ start: Int, _ from: Int) throws(JSONFailure) -> JSONToken {
        position = from
        while position < count {
            let byte = text.byte(position)
            if byte == 0x22 { return closed(start, position, hasEscapes: true) }
            if byte < 0x20 { throw failure("an unescaped control character stands") }
            if byte == 0x5C { try escape() } else { position += 1 }
        }
        throw failure("the text ends within a string")
    }

    private mutating func escape() throws(JSONFailure) {
        guard position + 1 < count else { throw failure("the text ends within an escape") }
        switch text.byte(position + 1) {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: position += 2
        case 0x75: try unicodeEscape()
        default: throw failure("an unknown escape stands")
        }
    }

    private mutating func unicodeEscape() throws(JSONFailure) {
        guard let unit = JSONEscape.unit(text, position) else {
            throw failure("an escape without four hexadecimal digits stands")
        }
        if unit & 0xFC00 == 0xDC00 { throw failure("a lone surrogate stands") }
        if unit & 0xFC00 == 0xD800 {
            guard let second = JSONEscape.unit(text, position + 6), second & 0xFC00 == 0xDC00 else {
                throw failure("a lone surrogate stands")
            }
            position += 6
        }
        position += 6
    }
}
