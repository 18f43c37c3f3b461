/// Values by key: a hash table with linear probing that is looked up by bytes, so that no key is made per look-up.
///
/// Rows are numbered from 0 without gaps; removing one moves the last into its place.
@frozen
public struct KeyTable<Value: Sendable>: Sendable {
    @frozen @usableFromInline
    struct Row: Sendable {
        @usableFromInline let hash: UInt64
        @usableFromInline let key: PackedKey
        @usableFromInline var value: Value

        @inlinable
        init(hash: UInt64, key: PackedKey, value: Value) {
            self.hash = hash
            self.key = key
            self.value = value
        }
    }

    @usableFromInline var rows: [Row] = []
    /// The upper half of the hash, then row + 1; 0 is empty. So that a probe rarely reads a wrong row.
    @usableFromInline var slots: [UInt64]
    @usableFromInline var mask: Int

    /// An empty table.
    @inlinable
    public init() {
        slots = Array(repeating: 0, count: 64)
        mask = 63
    }

    /// How many rows there are.
    @inlinable public var count: Int { rows.count }

    /// The row of `key`, whose `ByteHash` is `hash`, or nil.
    @inlinable
    public func find(_ key: RawSpan, hash: UInt64) -> Int? {
        guard let slot = slot(of: key, hash: hash) else { return nil }
        return Self.row(slots[slot])
    }

    /// Adds `key`, which must not be there, and returns its row.
    @inlinable
    public mutating func insert(_ key: RawSpan, hash: UInt64, _ value: Value) -> Int {
        if (rows.count + 1) * 2 > slots.count { grow() }
        rows.append(Row(hash: hash, key: PackedKey(key, keeping: true), value: value))
        place(row: rows.count - 1)
        return rows.count - 1
    }

    /// Takes out `key` and returns its value; nil if it is not there.
    @inlinable
    public mutating func remove(_ key: RawSpan, hash: UInt64) -> Value? {
        guard let slot = slot(of: key, hash: hash) else { return nil }
        let row = Self.row(slots[slot])
        close(slot)
        let last = rows.count - 1
        if row != last {
            slots[self.slot(ofRow: last)] = Self.slot(row, rows[last].hash)
            rows.swapAt(row, last)
        }
        return rows.removeLast().value
    }

    /// The value of a row.
    @inlinable
    public subscript(row: Int) -> Value {
        _read { yield rows[row].value }
        _modify { yield &rows[row].value }
    }

    /// The key of a row.
    @inlinable
    public func key(_ row: Int) -> [UInt8] { rows[row].key.bytes }

    @inlinable @inline(__always)
    static func row(_ slot: UInt64) -> Int { Int(slot & 0xFFFF_FFFF) - 1 }

    @inlinable @inline(__always)
    static func slot(_ row: Int, _ hash: UInt64) -> UInt64 { hash & 0xFFFF_FFFF_0000_0000 | UInt64(row + 1) }

    @inlinable
    func slot(of key: RawSpan, hash: UInt64) -> Int? {
        let packed = PackedKey(key, keeping: false)
        var at = Int(truncatingIfNeeded: hash) & mask
        while slots[at] != 0 {
            if (slots[at] ^ hash) >> 32 == 0, rows[Self.row(slots[at])].key.equals(packed, key) { return at }
            at = (at + 1) & mask
        }
        return nil
    }

    @inlinable
    func slot(ofRow row: Int) -> Int {
        var at = Int(truncatingIfNeeded: rows[row].hash) & mask
        while Self.row(slots[at]) != row { at = (at + 1) & mask }
        return at
    }

    @inlinable
    mutating func place(row: Int) {
        var at = Int(truncatingIfNeeded: rows[row].hash) & mask
        while slots[at] != 0 { at = (at + 1) & mask }
        slots[at] = Self.slot(row, rows[row].hash)
    }

    /// Empties a slot and moves later ones of the same run up, so that no search stops at the hole.
    @inlinable
    mutating func close(_ slot: Int) {
        var hole = slot
        var at = (slot + 1) & mask
        while slots[at] != 0 {
            let wanted = Int(truncatingIfNeeded: rows[Self.row(slots[at])].hash) & mask
            if (at - wanted) & mask >= (at - hole) & mask {
                slots[hole] = slots[at]
                hole = at
            }
            at = (at + 1) & mask
        }
        slots[hole] = 0
    }

    @inlinable
    mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        mask = slots.count - 1
        for row in rows.indices { place(row: row) }
    }
}
