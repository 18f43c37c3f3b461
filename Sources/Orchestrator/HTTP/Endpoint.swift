internal import HTTPTypes
internal import Hummingbird

extension RouterMethods {
    /// Adds the methods of one path, and tells whoever uses another which ones there are.
    func endpoint(
        _ path: RouterPath,
        _ methods: [(HTTPRequest.Method, @Sendable (Request, Context) async throws -> Response)]
    ) {
        let known = methods.map(\.0)
        for (method, handler) in methods { on(path, method: method, use: handler) }
        // What answers GET answers HEAD: the router adds it.
        let all = known.flatMap { $0 == .get ? [.get, .head] : [$0] }
        let allow = all.map(\.rawValue).joined(separator: ", ")
        for method in knownMethods where !all.contains(method) {
            on(path, method: method) { _, _ -> Response in
                throw Problem(.methodNotAllowed, "only \(allow) can be used here", headers: [.allow: allow])
            }
        }
    }
}

/// The methods of HTTP and its extensions (the registry of RFC 9110, section 16.1), so that what is not allowed is told
/// from what is not there.
private let knownMethods: [HTTPRequest.Method] =
    [.get, .head, .post, .put, .patch, .delete, .options, .trace, .connect]
    + [
        "ACL", "BIND", "CHECKIN", "CHECKOUT", "COPY", "LINK", "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR",
        "MKCOL", "MOVE",
        "ORDERPATCH", "PROPFIND", "PROPPATCH", "PURGE", "QUERY", "REBIND", "REPORT", "SEARCH", "UNBIND",
        "UNLINK", "UNLOCK",
        "UPDATE", "VERSION-CONTROL",
    ].compactMap { HTTPRequest.Method($0) }

extension Request {
    /// A required part of the path, percent-decoded.
    static func part(_ name: String, _ context: some RequestContext) throws -> String {
        guard let raw = context.parameters.get(name) else { throw Problem(.notFound, "\(name) is missing") }
        guard raw.utf8.contains(0x25) else { return String(raw) }
        guard let text = PercentDecoding.text(raw) else {
            throw Problem(.malformedRequest, "\(name) is not percent-encoded UTF-8")
        }
        return text
    }

    /// An optional query parameter.
    func query(_ name: String) -> String? { uri.queryParameters.get(name) }

    /// An optional query parameter that is true or false.
    func flag(_ name: String, default fallback: Bool) throws -> Bool {
        switch query(name) {
        case nil: return fallback
        case "true": return true
        case "false": return false
        default: throw Problem(.malformedRequest, "\(name) is true or false")
        }
    }
}

/// The text behind `%41` and the like (RFC 3986, section 2.1).
enum PercentDecoding {
    static func text(_ raw: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = raw.utf8.makeIterator()
        while let byte = rest.next() {
            if byte != 0x25 {
                bytes.append(byte)
                continue
            }
            guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
