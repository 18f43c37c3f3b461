/// FNV-1a over bytes with a final mix: the same on every machine and in every run, unlike `Hasher`.
///
/// Source: Fowler, Noll, Vo, "The FNV Non-Cryptographic Hash Algorithm" (draft-eastlake-fnv); the final mix is
/// the one of MurmurHash3, so that tables that use the low bits spread well.
public enum ByteHash {
    /// The state before any byte.
    public static let seed: UInt64 = 0xcbf2_9ce4_8422_2325

    /// The hash of `bytes`.
    public static func hash(_ bytes: RawSpan) -> UInt64 {
        var state = seed
        add(bytes, to: &state)
        return finish(state)
    }

    /// Adds one byte.
    @inline(__always)
    public static func add(_ byte: UInt8, to state: inout UInt64) {
        state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }

    /// Adds all of `bytes`.
    public static func add(_ bytes: RawSpan, to state: inout UInt64) {
        for i in 0..<bytes.byteCount { add(bytes.unsafeLoad(fromByteOffset: i, as: UInt8.self), to: &state) }
    }

    /// The hash of what was added.
    public static func finish(_ state: UInt64) -> UInt64 {
        var h = state
        h ^= h >> 33
        h = h &* 0xff51_afd7_ed55_8ccd
        h ^= h >> 33
        h = h &* 0xc4ce_b9fe_1a85_ec53
        return h ^ (h >> 33)
    }
}
