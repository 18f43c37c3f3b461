internal import Contracts
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

extension Response {
    /// An answer of JSON that `write` puts down.
    static func json(
        _ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], _ write: (inout JSONWriter) -> Void
    ) -> Response {
        var writer = JSONWriter()
        write(&writer)
        var headers = headers
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "no-store"
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: writer.bytes)))
    }

    /// An answer of text.
    static func text(_ text: String, type: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: type],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}

extension JSONWriter {
    /// Appends the elements with commas between them.
    mutating func list<Element>(
        _ elements: some Sequence<Element>, _ write: (inout JSONWriter, Element) -> Void
    ) {
        literal("[")
        var isFirst = true
        for element in elements {
            if !isFirst { literal(",") }
            isFirst = false
            write(&self, element)
        }
        literal("]")
    }
}
