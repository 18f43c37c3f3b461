/// Where and why decoding stopped.
struct JSONFailure: Error {
    var reason: Rejection.Reason = .malformedJSON
    var what: StaticString
    var offset: Int
}

extension Rejection {
    /// The failure in words.
    init(_ failure: JSONFailure) {
        self.init(failure.reason, "\(failure.what) at byte \(failure.offset)")
    }
}

/// A JSON value as a range of the text scanned; the range of a string is what its quotes enclose.
struct JSONToken {
    enum Kind: UInt8 { case absent, string, number, object, array, boolean, null }

    var kind = Kind.absent
    /// Whether a string has escapes, so that its range is not yet what it says.
    var hasEscapes = false
    var offset = 0
    var count = 0

    /// Not there, or null, which is the same.
    @inline(__always)
    var isAbsent: Bool { kind == .absent || kind == .null }
    @inline(__always)
    var range: ByteRange { ByteRange(offset: offset, count: count) }
}
