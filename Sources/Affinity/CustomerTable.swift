import Contracts

/// Customers by their bytes: an open-addressing table of places in a slab.
///
/// Entries hold 32 bits of the hash beside the place, so that growing needs no key and a probe rarely reads a
/// wrong one. Places of removed customers are used again.
struct CustomerTable {
    private var entries: [UInt64]  // hash tag in the upper half, place + 1 in the lower; 0 is empty
    private var keys = BlockPool<UInt8>(filler: 0)
    private var blocks: [Block] = []
    private var vacant: [UInt32] = []
    private(set) var count = 0

    init() { entries = Array(repeating: 0, count: 64) }

    /// How many places there are, taken or vacant.
    var places: Int { blocks.count }

    /// Bytes held, used or not.
    var bytes: Int {
        entries.capacity * MemoryLayout<UInt64>.stride + keys.bytes
            + blocks.capacity * MemoryLayout<Block>.stride + vacant.capacity * MemoryLayout<UInt32>.stride
    }

    /// The bytes of the customer at `place`; empty for a vacant place.
    @_lifetime(borrow self)
    func key(_ place: Int) -> RawSpan {
        keys.elements.span.extracting(blocks[place].range).bytes
    }

    /// The place of a customer, or nil if it is unknown.
    @inline(__always)
    func find(_ key: RawSpan, hash: UInt64) -> Int? {
        let tag = UInt64(UInt32(truncatingIfNeeded: hash))
        var at = Int(tag) & (entries.count - 1)
        while entries[at] != 0 {
            if entries[at] >> 32 == tag {
                let place = Int(entries[at] & 0xFFFF_FFFF) - 1
                if KeyOrder.equal(self.key(place), key) { return place }
            }
            at = (at + 1) & (entries.count - 1)
        }
        return nil
    }

    /// Adds a customer that is not in the table and returns its place.
    mutating func insert(_ key: RawSpan, hash: UInt64) -> Int {
        precondition((1...256).contains(key.byteCount), "a customer is 1 to 256 bytes")
        if (count + 1) * 8 > entries.count * 5 { grow() }
        let place = takePlace()
        keys.reserve(key.byteCount, for: &blocks[place])
        for i in 0..<key.byteCount {
            keys.append(key.unsafeLoad(fromByteOffset: i, as: UInt8.self), to: &blocks[place])
        }
        put(UInt64(UInt32(truncatingIfNeeded: hash)) << 32 | UInt64(place + 1))
        count += 1
        return place
    }

    /// Removes the customer at `place`.
    mutating func remove(_ place: Int) {
        let hash = ByteHash.hash(key(place))
        let mask = entries.count - 1
        var hole = Int(UInt32(truncatingIfNeeded: hash)) & mask
        while entries[hole] & 0xFFFF_FFFF != UInt64(place + 1) { hole = (hole + 1) & mask }
        var at = (hole + 1) & mask
        while entries[at] != 0 {
            let ideal = Int(entries[at] >> 32) & mask
            if (at - ideal) & mask >= (at - hole) & mask {
                entries[hole] = entries[at]
                hole = at
            }
            at = (at + 1) & mask
        }
        entries[hole] = 0
        keys.release(&blocks[place])
        vacant.append(UInt32(place))
        count -= 1
    }

    private mutating func takePlace() -> Int {
        if let place = vacant.popLast() { return Int(place) }
        precondition(blocks.count < Int(UInt32.max) - 1, "the table is full")
        blocks.append(Block())
        return blocks.count - 1
    }

    private mutating func grow() {
        let old = entries
        entries = Array(repeating: 0, count: old.count * 2)
        for entry in old where entry != 0 { put(entry) }
    }

    private mutating func put(_ entry: UInt64) {
        var at = Int(entry >> 32) & (entries.count - 1)
        while entries[at] != 0 { at = (at + 1) & (entries.count - 1) }
        entries[at] = entry
    }
}

/// Comparison of customers by their bytes.
enum KeyOrder {
    /// Whether both are the same bytes.
    @inline(__always)
    static func equal(_ a: RawSpan, _ b: RawSpan) -> Bool {
        guard a.byteCount == b.byteCount else { return false }
        var i = 0
        while i + 8 <= a.byteCount {
            let x = a.unsafeLoadUnaligned(fromByteOffset: i, as: UInt64.self)
            if x != b.unsafeLoadUnaligned(fromByteOffset: i, as: UInt64.self) { return false }
            i += 8
        }
        while i < a.byteCount {
            let x = a.unsafeLoad(fromByteOffset: i, as: UInt8.self)
            if x != b.unsafeLoad(fromByteOffset: i, as: UInt8.self) { return false }
            i += 1
        }
        return true
    }

    /// Whether `a` comes first: byte by byte, the shorter first.
    static func precedes(_ a: RawSpan, _ b: RawSpan) -> Bool {
        for i in 0..<min(a.byteCount, b.byteCount) {
            let x = a.unsafeLoad(fromByteOffset: i, as: UInt8.self)
            let y = b.unsafeLoad(fromByteOffset: i, as: UInt8.self)
            if x != y { return x < y }
        }
        return a.byteCount < b.byteCount
    }
}
