/// Makes an interaction of its fields, or says which field is wrong.
struct InteractionReader: ~Escapable {
    let text: RawSpan
    let limits: InteractionLimits

    @_lifetime(copy text)
    init(text: RawSpan, limits: InteractionLimits) {
        self.text = text
        self.limits = limits
    }

    @inline(__always)
    func read(_ fields: InteractionFields, key: RawSpan) throws(Rejection) -> Interaction {
        Interaction(
            id: try required("id", fields.id, maximum: limits.maximumIdBytes),
            customer: try customer(fields.customer, key),
            kind: try required("kind", fields.kind),
            region: try required("region", fields.region),
            domain: try optional("domain", fields.domain),
            product: try optional("product", fields.product),
            time: try time(fields.time),
            bytes: try bytes(fields.bytes),
            operation: try operation(fields.operation),
            isUnescaped: false)
    }

    @inline(__always)
    private func required(
        _ name: StaticString, _ token: JSONToken, maximum: Int = .max
    ) throws(Rejection) -> ByteRange {
        guard token.kind == .string, token.count > 0, token.count <= maximum else {
            throw reason(name, token, maximum)
        }
        return token.range
    }

    private func reason(_ name: StaticString, _ token: JSONToken, _ maximum: Int) -> Rejection {
        if token.isAbsent { return Rejection(.missingField, "\(name) is missing") }
        guard token.kind == .string else {
            return Rejection(.invalidField, "\(name) at byte \(token.offset) must be a string")
        }
        if token.count == 0 { return Rejection(.missingField, "\(name) at byte \(token.offset) is empty") }
        return Rejection(.invalidField, "\(name) has \(token.count) bytes; at most \(maximum) are accepted")
    }

    @inline(__always)
    private func optional(_ name: StaticString, _ token: JSONToken) throws(Rejection) -> ByteRange? {
        if token.isAbsent { return nil }
        guard token.kind == .string else { throw reason(name, token, .max) }
        return token.count == 0 ? nil : token.range
    }

    @inline(__always)
    private func customer(_ token: JSONToken, _ key: RawSpan) throws(Rejection) -> ByteRange {
        let range = try required("customer", token, maximum: limits.maximumCustomerBytes)
        let customer = text.extracting(range)
        guard customer.equals(key) else {
            throw Rejection(.keyMismatch, "the record's key is not the customer at byte \(range.offset)")
        }
        try CustomerCheck.checkReserved(customer)
        return range
    }

    @inline(__always)
    private func time(_ token: JSONToken) throws(Rejection) -> EventTime {
        if let time = EventTimeText.time(text, token) { return time }
        if token.isAbsent { throw Rejection(.missingField, "time is missing") }
        throw Rejection(
            .invalidField,
            "time at byte \(token.offset) must be epoch milliseconds from 0 on, or an RFC 3339 date-time")
    }

    @inline(__always)
    private func bytes(_ token: JSONToken) throws(Rejection) -> Int64 {
        if token.isAbsent { return 0 }
        guard token.kind == .number, let bytes = JSONNumber(text, token).integer, bytes >= 0,
            bytes <= JSONObjectView.exactLimit
        else {
            throw Rejection(
                .invalidField, "bytes at byte \(token.offset) must be an integer from 0 to 2^53 - 1")
        }
        return bytes
    }

    @inline(__always)
    private func operation(_ token: JSONToken) throws(Rejection) -> Operation? {
        if token.isAbsent { return nil }
        if token.kind == .string {
            let word = MemberName.packed(text.extracting(token.range))
            if word == MemberName.read { return .read }
            if word == MemberName.write { return .write }
        }
        throw Rejection(.invalidField, "op at byte \(token.offset) must be \"read\" or \"write\"")
    }
}

/// What a customer must not be.
enum CustomerCheck {
    /// Throws for the key that marks have in `affinity-vectors`.
    @inline(__always)
    static func checkReserved(_ customer: RawSpan) throws(Rejection) {
        if customer.byte(0) == 0, customer.equals(Mark.reservedKey.utf8Span.span.bytes) {
            throw Rejection(.invalidField, "customer is reserved for marks")
        }
    }
}
