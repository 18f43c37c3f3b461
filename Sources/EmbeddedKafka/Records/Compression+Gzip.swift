internal import CZlib

extension Compression {
    /// 15 is the largest window; 16 more ask for gzip's header and checksum instead of zlib's.
    private static let gzipWindow: Int32 = 15 + 16
    private static let streamSize = Int32(MemoryLayout<z_stream>.size)

    static func unpackGzip(_ packed: ArraySlice<UInt8>, _ limit: Int) throws(BatchError) -> [UInt8] {
        // Deflate makes at most 1032 bytes of one.
        let capacity = min(limit, 1_100 * packed.count, Int(UInt32.max))
        return try filled(capacity, from: packed) { input, output in
            var stream = makeStream(input, output)
            guard inflateInit2_(&stream, gzipWindow, ZLIB_VERSION, streamSize) == Z_OK else {
                return .failure(Compression.gzip.failure("no memory"))
            }
            defer { inflateEnd(&stream) }
            while true {
                switch inflate(&stream, Z_FINISH) {
                case Z_STREAM_END:
                    if stream.avail_in == 0 { return .success(output.count - Int(stream.avail_out)) }
                    // Several may follow one another (RFC 1952).
                    inflateReset(&stream)
                case Z_BUF_ERROR:
                    return .failure(
                        stream.avail_out == 0
                            ? Compression.gzip.tooLarge(limit) : Compression.gzip.failure("it ends too early")
                    )
                default:
                    return .failure(Compression.gzip.failure(text(stream)))
                }
            }
        }
    }

    static func packGzip(_ bytes: ArraySlice<UInt8>) throws(BatchError) -> [UInt8] {
        guard UInt32(exactly: bytes.count) != nil else { throw gzip.failure("more than it can pack") }
        // The bound is that for zlib's header, which is shorter.
        let capacity = Int(compressBound(UInt(bytes.count))) + 64
        return try filled(capacity, from: bytes) { input, output in
            var stream = makeStream(input, output)
            let code = deflateInit2_(
                &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzipWindow, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                streamSize)
            guard code == Z_OK else { return .failure(Compression.gzip.failure("no memory")) }
            defer { deflateEnd(&stream) }
            guard deflate(&stream, Z_FINISH) == Z_STREAM_END else {
                return .failure(Compression.gzip.failure(text(stream)))
            }
            return .success(output.count - Int(stream.avail_out))
        }
    }

    private static func makeStream(
        _ input: UnsafeBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>
    ) -> z_stream {
        var stream = z_stream()
        // It is not written to; zlib only does not say so.
        stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.avail_in = UInt32(clamping: input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(clamping: output.count)
        return stream
    }

    private static func text(_ stream: z_stream) -> String {
        stream.msg.map { String(cString: $0) } ?? "unknown"
    }
}
