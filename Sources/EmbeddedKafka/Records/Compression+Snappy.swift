internal import CSnappy

/// Snappy has no framing of its own. Clients on librdkafka send one block as it is; those in Java send blocks of
/// 32 KiB in the framing of the library that they use, xerial's: a header of 16 bytes, and each block after its
/// length.
extension Compression {
    /// No block begins like this: after its length, 10626, a copy of what is not there yet would follow.
    private static let xerialMagic: [UInt8] = [0x82] + Array("SNAPPY\0".utf8)
    /// The magic and two versions that nobody reads.
    private static let xerialHeaderSize = 16

    static func unpackSnappy(_ packed: ArraySlice<UInt8>, _ limit: Int) throws(BatchError) -> [UInt8] {
        if !packed.starts(with: xerialMagic) { return try unpackBlock(packed, room: limit, limit) }
        guard packed.count >= xerialHeaderSize else { throw snappy.failure("it ends within its header") }
        var rest = packed.dropFirst(xerialHeaderSize)
        var result: [UInt8] = []
        while !rest.isEmpty {
            guard rest.count >= 4 else { throw snappy.failure("it ends within a block's length") }
            let length = Int(rest.prefix(4).reduce(0 as UInt32) { $0 << 8 | UInt32($1) })
            rest = rest.dropFirst(4)
            guard length <= rest.count else {
                throw snappy.failure("a block of \(length) bytes, of which \(rest.count) are there")
            }
            result += try unpackBlock(rest.prefix(length), room: limit - result.count, limit)
            rest = rest.dropFirst(length)
        }
        return result
    }

    private static func unpackBlock(_ block: ArraySlice<UInt8>, room: Int, _ limit: Int) throws(BatchError)
        -> [UInt8]
    {
        var length = 0
        let status = block.withUnsafeBytes {
            snappy_uncompressed_length(
                $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count, &length)
        }
        guard status == SNAPPY_OK else { throw snappy.failure("a block without a length") }
        if length > room { throw snappy.tooLarge(limit) }
        return try filled(length, from: block) { input, output in
            var written = output.count
            let status = snappy_uncompress(
                UnsafeRawPointer(input.baseAddress)?.assumingMemoryBound(to: CChar.self), input.count,
                UnsafeMutableRawPointer(output.baseAddress)?.assumingMemoryBound(to: CChar.self), &written)
            return status == SNAPPY_OK ? .success(written) : .failure(snappy.failure("a damaged block"))
        }
    }
}
