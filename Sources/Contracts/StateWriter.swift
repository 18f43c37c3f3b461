/// Writes state as bytes, compactly: for snapshots, which only this project reads.
///
/// Integers are written as variable-length ones, seven bits a byte, lowest first (LEB128, signed ones zigzag);
/// floating-point numbers by their bits, little-endian.
public struct StateWriter: Sendable {
    /// What was written.
    public private(set) var bytes: [UInt8] = []

    /// Nothing written yet.
    public init() {}

    /// Forgets what was written and keeps the memory.
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Writes an integer that is not negative.
    @inline(__always)
    public mutating func write(_ value: some FixedWidthInteger & UnsignedInteger) {
        var rest = UInt64(value)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Writes an integer.
    @inline(__always)
    public mutating func write(_ value: some FixedWidthInteger & SignedInteger) {
        let value = Int64(value)
        write(UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    /// Writes a truth value.
    public mutating func write(_ value: Bool) { bytes.append(value ? 1 : 0) }

    /// Writes a number by its bits.
    @inline(__always)
    public mutating func write(_ value: Float) { fixed(value.bitPattern) }

    /// Writes a number by its bits.
    @inline(__always)
    public mutating func write(_ value: Double) { fixed(value.bitPattern) }

    /// Writes how many bytes there are, and the bytes.
    public mutating func write(_ value: RawSpan) {
        write(UInt64(value.byteCount))
        value.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    /// Writes the bits of a value as they are in memory; for vectors of floating-point numbers.
    @inline(__always)
    public mutating func write(bits value: some BitwiseCopyable) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }

    @inline(__always)
    private mutating func fixed(_ bits: some FixedWidthInteger) {
        withUnsafeBytes(of: bits.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

/// Why state cannot be read.
public enum StateFailure: Error, Equatable, CustomStringConvertible {
    /// It ends too early.
    case truncated
    /// Another version of this project wrote it.
    case unknownVersion(UInt64)
    /// A number in it cannot be.
    case outOfRange(String)
    /// It is of something with other measures: another number of partitions, say.
    case otherShape(String)

    /// The reason, for people.
    public var description: String {
        switch self {
        case .truncated: "the state ends too early"
        case .unknownVersion(let version): "the state is of version \(version), which is not known here"
        case .outOfRange(let what): "in the state, \(what) cannot be"
        case .otherShape(let what): "the state is of another shape: \(what)"
        }
    }
}
