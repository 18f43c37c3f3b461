/// Checks whole payloads for UTF-8, so that nothing after it need do so.
enum UTF8Check {
    /// Throws the place of the first byte that is not UTF-8.
    @inline(__always)
    static func check(_ text: RawSpan) throws(JSONFailure) {
        if isASCII(text) { return }
        try checkAll(text)
    }

    @inline(__always)
    private static func isASCII(_ text: RawSpan) -> Bool {
        let count = text.byteCount
        var at = 0
        var seen: UInt64 = 0
        while at + 32 <= count {
            seen |= text.word(at) | text.word(at + 8) | text.word(at + 16) | text.word(at + 24)
            at += 32
        }
        while at + 8 <= count {
            seen |= text.word(at)
            at += 8
        }
        while at < count {
            seen |= UInt64(text.byte(at))
            at += 1
        }
        return seen & 0x8080_8080_8080_8080 == 0
    }

    private static func checkAll(_ text: RawSpan) throws(JSONFailure) {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: Span<UInt8>(_bytes: text))
        } catch {
            throw JSONFailure(
                reason: .invalidUTF8, what: "bytes that are not UTF-8 stand",
                offset: error.byteOffsets.lowerBound)
        }
    }
}
