internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import NIOFoundationCompat

/// What members a body may have: of a body that starts something, a misspelt one must not be overlooked.
indirect enum JSONShape: Sendable {
    case value
    case list(JSONShape)
    case object([String: JSONShape])

    /// Throws if a document has a member that may not be there. What is no document is left to who reads it.
    func check(_ document: Data) throws(UnknownMember) {
        // Anything may be there: no need to read it all once more.
        if case .value = self { return }
        guard let value = try? JSONSerialization.jsonObject(with: document),
            let path = unknownMember(in: value, at: "")
        else { return }
        throw UnknownMember(path: path)
    }

    /// A member that may not be there.
    struct UnknownMember: Error, CustomStringConvertible {
        var path: String
        var description: String { "\(path.prefix(200)) is not known here" }
    }

    /// The path of the first member that may not be there.
    private func unknownMember(in value: Any, at path: String) -> String? {
        switch self {
        case .value: return nil
        case .list(let shape):
            for (place, element) in ((value as? [Any]) ?? []).enumerated() {
                if let found = shape.unknownMember(in: element, at: "\(path)[\(place)]") { return found }
            }
            return nil
        case .object(let members):
            for (name, value) in ((value as? [String: Any]) ?? [:]).sorted(by: { $0.key < $1.key }) {
                let inner = path.isEmpty ? name : "\(path).\(name)"
                guard let shape = members[name] else { return inner }
                if let found = shape.unknownMember(in: value, at: inner) { return found }
            }
            return nil
        }
    }
}

extension Request {
    /// Reads a body of JSON of at most `limit` bytes; with a shape, only what it has may be there.
    func decode<Body: Decodable>(_ type: Body.Type, limit: Int, shape: JSONShape = .value) async throws
        -> Body
    {
        if let kind = headers[.contentType], Self.mediaType(kind) != "application/json" {
            throw Problem(.unsupportedMediaType, "application/json is needed")
        }
        if let encoding = headers[.contentEncoding], encoding.lowercased() != "identity" {
            throw Problem(.unsupportedMediaType, "the body must not be encoded")
        }
        let buffer: ByteBuffer
        do {
            buffer = try await body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw Problem(.tooLarge, "the body is larger than \(limit) bytes")
        }
        let data = Data(buffer: buffer)
        do {
            // First, because who misspells a member that is needed looks for what is wrong, not for what is missing.
            try shape.check(data)
            return try JSONDecoder().decode(type, from: data)
        } catch let error as DecodingError {
            throw Problem(.malformedRequest, error.text)
        } catch {
            throw Problem(.malformedRequest, "\(error)")
        }
    }

    /// The media type without its parameters.
    private static func mediaType(_ header: String) -> String {
        let type = header.prefix { $0 != ";" }
        return type.trimmingCharacters(in: .whitespaces).lowercased()
    }
}

extension DecodingError {
    /// What is wrong, and where; nothing of the value.
    var text: String {
        switch self {
        case .keyNotFound(let key, let context): "\(Self.path(context.codingPath + [key])) is missing"
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            "\(Self.path(context.codingPath)): \(Self.name(type)) is needed"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty
                ? "the body is not JSON, or a number in it is too large or not whole"
                : "\(Self.path(context.codingPath)) cannot be used"
        @unknown default: "the body cannot be used"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        if keys.isEmpty { return "the body" }
        return keys.reduce(into: "") { text, key in
            if let place = key.intValue {
                text += "[\(place)]"
            } else {
                text += (text.isEmpty ? "" : ".") + key.stringValue
            }
        }
    }

    private static func name(_ type: Any.Type) -> String {
        if type == String.self { return "a string" }
        if type == Bool.self { return "true or false" }
        if type is any FixedWidthInteger.Type { return "a whole number" }
        if type is any BinaryFloatingPoint.Type { return "a number" }
        return type is [Any].Type || type is [String].Type ? "a list" : "an object"
    }
}
