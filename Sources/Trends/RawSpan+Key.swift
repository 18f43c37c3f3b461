extension RawSpan {
    /// Whether the bytes are those of `other`.
    func equals(_ other: [UInt8]) -> Bool {
        guard byteCount == other.count else { return false }
        for i in 0..<byteCount where unsafeLoad(fromByteOffset: i, as: UInt8.self) != other[i] {
            return false
        }
        return true
    }

    /// The bytes as an array, to be kept.
    func copied() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            for i in 0..<byteCount { buffer[i] = unsafeLoad(fromByteOffset: i, as: UInt8.self) }
            count = byteCount
        }
    }
}
