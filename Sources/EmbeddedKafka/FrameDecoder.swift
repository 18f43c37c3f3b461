internal import NIOCore

/// A request that announces an impossible length.
struct FrameTooLong: Error, CustomStringConvertible {
    var length: Int32
    var description: String { "a request that says it has \(length) bytes" }
}

/// Cuts the stream into requests: each comes after its length.
struct FrameDecoder: ByteToMessageDecoder {
    typealias InboundOut = ByteBuffer

    let maximum: Int

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let length: Int32 = buffer.getInteger(at: buffer.readerIndex) else { return .needMoreData }
        guard let size = Int(exactly: length), (0...maximum).contains(size) else {
            throw FrameTooLong(length: length)
        }
        guard buffer.readableBytes >= 4 + size else { return .needMoreData }
        buffer.moveReaderIndex(forwardBy: 4)
        if let frame = buffer.readSlice(length: size) { context.fireChannelRead(wrapInboundOut(frame)) }
        return .continue
    }

    mutating func decodeLast(context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool) throws
        -> DecodingState
    {
        // What was cut off by the end of the connection was not a request.
        .needMoreData
    }
}
