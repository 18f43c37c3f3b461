internal import NIOCore

/// Why the stream of a connection cannot be cut into requests.
enum FrameError: Error, CustomStringConvertible {
    /// A request announces an impossible length.
    case badLength(Int32)
    /// All connections together wait for the rest of requests of so many bytes.
    case tooMuch(Int)

    var description: String {
        switch self {
        case .badLength(let length): "a request that says it has \(length) bytes"
        case .tooMuch(let bytes):
            "unfinished requests of all connections take up \(bytes) bytes, no more are taken"
        }
    }
}

/// What all connections hold of requests that are not complete. A few clients that begin large requests are
/// normal; a thousand are not to take all memory.
final class UnfinishedRequests {
    private let limit: Int
    private(set) var bytes = 0

    init(limit: Int) { self.limit = limit }

    func change(by count: Int) throws(FrameError) {
        bytes += count
        if count > 0, bytes > limit { throw .tooMuch(bytes) }
    }
}

/// Cuts the stream into requests: each comes after its length.
struct FrameDecoder: ByteToMessageDecoder {
    typealias InboundOut = ByteBuffer

    private let maximum: Int
    private let unfinished: UnfinishedRequests
    private var held = 0

    init(maximum: Int, unfinished: UnfinishedRequests) {
        self.maximum = maximum
        self.unfinished = unfinished
    }

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let length: Int32 = buffer.getInteger(at: buffer.readerIndex) else { return .needMoreData }
        guard let size = Int(exactly: length), (0...maximum).contains(size) else {
            throw FrameError.badLength(length)
        }
        guard buffer.readableBytes >= 4 + size else {
            try hold(buffer.readableBytes)
            return .needMoreData
        }
        try hold(0)
        buffer.moveReaderIndex(forwardBy: 4)
        if let frame = buffer.readSlice(length: size) { context.fireChannelRead(wrapInboundOut(frame)) }
        return .continue
    }

    /// What was cut off by the end of the connection was not a request.
    mutating func decodeLast(context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool) throws
        -> DecodingState
    {
        .needMoreData
    }

    mutating func decoderRemoved(context: ChannelHandlerContext) { try? hold(0) }

    private mutating func hold(_ bytes: Int) throws(FrameError) {
        let change = bytes - held
        held = bytes
        try unfinished.change(by: change)
    }
}
