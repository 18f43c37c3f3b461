internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// One request to another service, with a connection of its own: for webhooks and the demo's clients, which are few.
package struct OutgoingRequest: Sendable {
    /// Why a request was not answered.
    package enum Failure: Error, Equatable, CustomStringConvertible {
        /// The address is not `http://host[:port]/path` or the same with https.
        case malformedURL(String)
        /// The answer is longer than is read.
        case tooLong
        /// The connection ended before the answer did.
        case cutOff
        /// There was no answer in time.
        case timeout

        /// The reason, for people.
        package var description: String {
            switch self {
            case .malformedURL(let text): "'\(text)' is no address: http://host:port/path is one"
            case .tooLong: "the answer is longer than \(OutgoingRequest.answerBytesMax) bytes"
            case .cutOff: "the connection ended before the answer did"
            case .timeout: "there was no answer in \(OutgoingRequest.timeoutSeconds) s"
            }
        }
    }

    fileprivate static let answerBytesMax = 1 << 20
    fileprivate static let timeoutSeconds: Int64 = 10

    private let host: String
    private let port: Int
    private let path: String
    private let isSecure: Bool

    /// Throws if the address cannot be used.
    package init(_ url: String) throws(Failure) {
        guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty,
            let scheme = parts.scheme, ["http", "https"].contains(scheme)
        else { throw .malformedURL(url) }
        self.host = host
        isSecure = scheme == "https"
        port = parts.port ?? (isSecure ? 443 : 80)
        let path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
        self.path = path + (parts.percentEncodedQuery.map { "?\($0)" } ?? "")
    }

    /// Sends JSON and answers the status and what came back.
    package func send(_ method: String, json: [UInt8]) async throws -> (status: Int, body: [UInt8]) {
        let group = MultiThreadedEventLoopGroup.singleton
        let tls = isSecure ? try NIOSSLContext(configuration: .makeClientConfiguration()) : nil
        let loop = group.next()
        let promise = loop.makePromise(of: (Int, [UInt8]).self)
        let host = host
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: loop)
                .connectTimeout(.seconds(Self.timeoutSeconds))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        if let tls {
                            try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: host))
                        }
                        try pipeline.addHTTPClientHandlers()
                        try pipeline.addHandler(AnswerHandler(promise))
                    }
                }.connect(host: host, port: port).get()
        } catch {
            promise.fail(error)
            throw error
        }
        let deadline = loop.scheduleTask(in: .seconds(Self.timeoutSeconds)) { promise.fail(Failure.timeout) }
        defer {
            deadline.cancel()
            channel.close(promise: nil)
        }
        var head = HTTPRequestHead(version: .http1_1, method: .RAW(value: method), uri: path)
        head.headers.add(name: "Host", value: host)
        head.headers.add(name: "Content-Type", value: "application/json")
        head.headers.add(name: "Content-Length", value: String(json.count))
        head.headers.add(name: "Connection", value: "close")
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: json))), promise: nil)
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        return try await promise.futureResult.get()
    }

    /// Collects one answer. Lives on its channel's event loop.
    private final class AnswerHandler: ChannelInboundHandler {
        typealias InboundIn = HTTPClientResponsePart

        private let promise: EventLoopPromise<(Int, [UInt8])>
        private var status = 0
        private var body: [UInt8] = []

        init(_ promise: EventLoopPromise<(Int, [UInt8])>) { self.promise = promise }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): status = Int(head.status.code)
            case .body(let buffer):
                body += buffer.readableBytesView
                if body.count > OutgoingRequest.answerBytesMax { promise.fail(Failure.tooLong) }
            case .end: promise.succeed((status, body))
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            promise.fail(error)
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { promise.fail(Failure.cutOff) }
    }
}
