internal import CLZ4

extension Compression {
    static func unpackLZ4(_ packed: ArraySlice<UInt8>, _ limit: Int) throws(BatchError) -> [UInt8] {
        // LZ4 makes at most 255 bytes of one.
        try filled(min(limit, 300 * packed.count), from: packed) { input, output in
            var context: OpaquePointer?
            let code = LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))
            guard LZ4F_isError(code) == 0, let from = input.baseAddress, let to = output.baseAddress else {
                return .failure(lz4.failure("no memory"))
            }
            defer { LZ4F_freeDecompressionContext(context) }
            // What was written stays where it is, so the library need not keep a copy to refer to.
            var options = LZ4F_decompressOptions_t()
            options.stableDst = 1
            var (read, written) = (0, 0)
            while true {
                var (rest, room) = (input.count - read, output.count - written)
                let wanted = LZ4F_decompress(context, to + written, &room, from + read, &rest, &options)
                if LZ4F_isError(wanted) != 0 {
                    return .failure(lz4.failure(String(cString: LZ4F_getErrorName(wanted))))
                }
                read += rest
                written += room
                // A frame is over; another may follow.
                if wanted == 0, read == input.count { return .success(written) }
                if rest == 0, room == 0 {
                    return .failure(
                        written == output.count ? lz4.tooLarge(limit) : lz4.failure("it ends too early"))
                }
            }
        }
    }
}
