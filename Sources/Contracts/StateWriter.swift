/// Writes state as bytes, compactly: for snapshots, which only this project reads.
///
/// Integers are written as variable-length ones, seven bits a byte, lowest first (LEB128, signed ones zigzag);
/// floating-point numbers by their bits, little-endian.
///
/// What is generic is inlinable: a call into this module for every number costs more than writing it.
public struct StateWriter: Sendable {
    /// Beyond `end` it is room.
    @usableFromInline var room: [UInt8] = []
    @usableFromInline var end = 0

    /// Nothing written yet.
    public init() {}

    /// A copy of what was written.
    public var bytes: [UInt8] { Array(room[..<end]) }

    /// What was written.
    public var written: RawSpan {
        @_lifetime(borrow self)
        get { room.span.bytes.extracting(0..<end) }
    }

    /// Forgets what was written and keeps the memory.
    public mutating func removeAll() { end = 0 }

    /// Writes an integer that is not negative.
    @inlinable
    @inline(__always)
    public mutating func write(_ value: some FixedWidthInteger & UnsignedInteger) {
        let value = UInt64(truncatingIfNeeded: value)
        reserve(10)
        if value < 0x80 {
            room[end] = UInt8(truncatingIfNeeded: value)
            end += 1
        } else {
            writeLong(value)
        }
    }

    /// Writes an integer.
    @inlinable
    @inline(__always)
    public mutating func write(_ value: some FixedWidthInteger & SignedInteger) {
        let value = Int64(truncatingIfNeeded: value)
        write(UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    /// Writes a truth value.
    @inlinable
    @inline(__always)
    public mutating func write(_ value: Bool) { write(value ? 1 : 0 as UInt8) }

    /// Writes a number by its bits.
    @inlinable
    @inline(__always)
    public mutating func write(_ value: Float) { write(bits: value.bitPattern.littleEndian) }

    /// Writes a number by its bits.
    @inlinable
    @inline(__always)
    public mutating func write(_ value: Double) { write(bits: value.bitPattern.littleEndian) }

    /// Writes how many bytes there are, and the bytes.
    public mutating func write(_ value: RawSpan) {
        write(UInt64(value.byteCount))
        reserve(value.byteCount)
        for i in 0..<value.byteCount { room[end + i] = value.unsafeLoad(fromByteOffset: i, as: UInt8.self) }
        end += value.byteCount
    }

    /// Writes the bits of a value as they are in memory; for identifiers, and vectors of floating-point numbers.
    @inlinable
    @inline(__always)
    public mutating func write<Value: BitwiseCopyable>(bits value: Value) {
        reserve(MemoryLayout<Value>.size)
        let place = end
        room.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: place, as: Value.self) }
        end += MemoryLayout<Value>.size
    }

    /// Writes the bits of values as they are in memory, without their number.
    @inlinable
    @inline(__always)
    public mutating func write<Value: BitwiseCopyable>(bits values: Span<Value>) {
        let size = values.count * MemoryLayout<Value>.stride
        reserve(size)
        let place = end
        values.withUnsafeBytes { source in
            room.withUnsafeMutableBytes {
                UnsafeMutableRawBufferPointer(rebasing: $0[place...]).copyMemory(from: source)
            }
        }
        end += size
    }

    /// Writes numbers many of which are 0: each other one with its distance from the one before, or all of
    /// them if that is shorter, which the number of those that are not 0 tells.
    public mutating func write(sparse values: Span<UInt16>) {
        var count = 0
        for i in 0..<values.count where values[i] != 0 { count += 1 }
        write(UInt64(count))
        let isDense = 2 * count > values.count
        reserve(6 * values.count)
        end = Self.put(values, isDense: isDense, &room, end)
    }

    @usableFromInline
    mutating func writeLong(_ value: UInt64) { end = Self.put(value, &room, end) }

    /// Puts numbers where there is room, and returns the place behind them.
    private static func put(
        _ values: Span<UInt16>, isDense: Bool, _ room: inout [UInt8], _ place: Int
    ) -> Int {
        var target = room.mutableSpan
        var at = place
        var next = 0
        for i in 0..<values.count where isDense || values[i] != 0 {
            if !isDense { at = put(UInt64(i - next), &target, at) }
            at = put(UInt64(values[i]), &target, at)
            next = i + 1
        }
        return at
    }

    /// Puts an integer where there is room, and returns the place behind it.
    private static func put(_ value: UInt64, _ room: inout [UInt8], _ place: Int) -> Int {
        var target = room.mutableSpan
        return put(value, &target, place)
    }

    @inline(__always)
    private static func put(_ value: UInt64, _ target: inout MutableSpan<UInt8>, _ place: Int) -> Int {
        var rest = value
        var at = place
        while rest >= 0x80 {
            target[at] = UInt8(truncatingIfNeeded: rest) | 0x80
            at += 1
            rest >>= 7
        }
        target[at] = UInt8(truncatingIfNeeded: rest)
        return at + 1
    }

    /// Makes room for that many bytes.
    @inlinable
    @inline(__always)
    mutating func reserve(_ count: Int) {
        if room.count - end < count { grow(count) }
    }

    @usableFromInline
    mutating func grow(_ count: Int) {
        room.append(contentsOf: repeatElement(0, count: max(room.count, count, 512)))
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
