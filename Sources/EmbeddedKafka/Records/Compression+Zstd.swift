internal import CZstd

extension Compression {
    static func unpackZstd(_ packed: ArraySlice<UInt8>, _ limit: Int) throws(BatchError) -> [UInt8] {
        // In one step: reading piece by piece, the library would allocate the window that the sender names.
        try filled(limit, from: packed) { input, output in
            // The two largest values stand for "unknown" and "no frame".
            let size = ZSTD_getFrameContentSize(input.baseAddress, input.count)
            if size < UInt64.max - 1, size > UInt64(limit) { return .failure(zstd.tooLarge(limit)) }
            let code = ZSTD_decompress(output.baseAddress, output.count, input.baseAddress, input.count)
            if ZSTD_isError(code) == 0 { return .success(code) }
            return .failure(
                ZSTD_getErrorCode(code) == ZSTD_error_dstSize_tooSmall
                    ? zstd.tooLarge(limit) : zstd.failure(String(cString: ZSTD_getErrorName(code))))
        }
    }
}
