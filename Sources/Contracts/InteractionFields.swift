/// The members of an interaction as they stand in the text, before anything is made of them.
struct InteractionFields {
    var id = JSONToken()
    var customer = JSONToken()
    var time = JSONToken()
    var kind = JSONToken()
    var region = JSONToken()
    var domain = JSONToken()
    var product = JSONToken()
    var bytes = JSONToken()
    var operation = JSONToken()
    // Members of a CloudEvent in structured mode.
    var specversion = JSONToken()
    var subject = JSONToken()
    var type = JSONToken()
    var data = JSONToken()
    var dataBase64 = JSONToken()

    /// Scans a whole value. Of members with one name the last counts.
    @inline(__always)
    init(_ text: RawSpan, maximumDepth: Int) throws(JSONFailure) {
        try UTF8Check.check(text)
        var scanner = JSONScanner(text, maximumDepth: maximumDepth)
        try scan(&scanner)
        try scanner.end()
        if specversion.kind == .string { try openEnvelope(text) }
    }

    @inline(__always)
    private mutating func scan(_ scanner: inout JSONScanner) throws(JSONFailure) {
        try scanner.open(0x7B)
        while let name = try scanner.nextMember() {
            let value = try scanner.value()
            switch MemberName.packed(scanner.text, name) {
            case MemberName.id: id = value
            case MemberName.customer: customer = value
            case MemberName.time: time = value
            case MemberName.kind: kind = value
            case MemberName.region: region = value
            case MemberName.domain: domain = value
            case MemberName.product: product = value
            case MemberName.bytes: bytes = value
            case MemberName.operation: operation = value
            case MemberName.data: data = value
            case MemberName.subject: subject = value
            case MemberName.type: type = value
            case 0: scanLong(scanner.text, name, value)
            default: break
            }
        }
    }

    /// Takes a member whose name has more than eight bytes.
    private mutating func scanLong(_ text: RawSpan, _ name: JSONToken, _ value: JSONToken) {
        let bytes = text.extracting(name.range)
        if name.hasEscapes {
            let plain = JSONEscape.bytes(bytes)
            setLong(plain.span.bytes, value)
        } else {
            setLong(bytes, value)
        }
    }

    private mutating func setLong(_ name: RawSpan, _ value: JSONToken) {
        if name.equals("specversion") { specversion = value }
        if name.equals("data_base64") { dataBase64 = value }
    }

    /// Takes the members of a CloudEvent's `data`; the envelope's fill in what they lack.
    ///
    /// Source: CloudEvents 1.0.2, JSON event format, section 3.1.
    private mutating func openEnvelope(_ text: RawSpan) throws(JSONFailure) {
        if data.isAbsent {
            guard dataBase64.isAbsent else {
                throw JSONFailure(
                    reason: .invalidField, what: "data_base64 is not supported; send JSON in data: it stands",
                    offset: dataBase64.offset)
            }
            throw JSONFailure(reason: .missingField, what: "a CloudEvent without data stands", offset: 0)
        }
        guard data.kind == .object else {
            throw JSONFailure(
                reason: .invalidField, what: "data that is no object stands", offset: data.offset)
        }
        let envelope = self
        self = InteractionFields()
        var scanner = JSONScanner(text, from: envelope.data.offset, maximumDepth: JSONScanner.depthLimit)
        try scan(&scanner)
        if id.isAbsent { id = envelope.id }
        if customer.isAbsent { customer = envelope.subject }
        if time.isAbsent { time = envelope.time }
        if kind.isAbsent { kind = envelope.type }
    }

    private init() {}

    /// Whether any field that is used as text has escapes.
    @inline(__always)
    var hasEscapes: Bool {
        id.hasEscapes || customer.hasEscapes || time.hasEscapes || kind.hasEscapes || region.hasEscapes
            || domain.hasEscapes || product.hasEscapes || operation.hasEscapes
    }

    /// Makes every string refer to `scratch`, which holds a copy of `text`: what strings say is written over
    /// how they are written.
    mutating func unescape(_ text: RawSpan, into scratch: inout [UInt8]) {
        func unescape(_ token: inout JSONToken) {
            guard token.hasEscapes else { return }
            token.count = JSONEscape.rewrite(text.extracting(token.range), into: &scratch, at: token.offset)
            token.hasEscapes = false
        }
        unescape(&id)
        unescape(&customer)
        unescape(&time)
        unescape(&kind)
        unescape(&region)
        unescape(&domain)
        unescape(&product)
        unescape(&operation)
    }

    /// Fills in what is absent from the attributes of a CloudEvent in binary mode, whose bytes go to the end
    /// of `scratch`.
    mutating func fill(from attributes: CloudEventAttributes, into scratch: inout [UInt8]) throws(Rejection) {
        try Self.fill(&id, from: attributes.id, "ce_id", into: &scratch)
        try Self.fill(&customer, from: attributes.subject, "ce_subject", into: &scratch)
        try Self.fill(&time, from: attributes.time, "ce_time", into: &scratch)
        try Self.fill(&kind, from: attributes.type, "ce_type", into: &scratch)
    }

    private static func fill(
        _ token: inout JSONToken, from attribute: [UInt8]?, _ header: StaticString,
        into scratch: inout [UInt8]
    ) throws(Rejection) {
        guard token.isAbsent, let attribute else { return }
        do throws(JSONFailure) { try UTF8Check.check(attribute.span.bytes) } catch {
            throw Rejection(.invalidUTF8, "header \(header): \(error.what) at its byte \(error.offset)")
        }
        token = JSONToken(kind: .string, offset: scratch.count, count: attribute.count)
        scratch.append(contentsOf: attribute)
    }
}
