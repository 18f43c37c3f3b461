import Contracts

/// The contributions by customer: a hash table with linear probing that is looked up by bytes, so that no
/// key is made per event.
struct CustomerTable: Sendable {
    private struct Row: Sendable {
        let hash: UInt64
        let key: [UInt8]
        var contribution: Contribution
        /// Whether it is not what was last saved.
        var isChanged = false
    }

    private var rows: [Row] = []
    private var slots: [UInt32]  // row + 1; 0 is empty
    private var mask: Int

    init() {
        slots = Array(repeating: 0, count: 64)
        mask = 63
    }

    var count: Int { rows.count }
    /// How many rows are not what was last saved.
    private(set) var changedCount = 0

    /// Notes that a row is not what was last saved.
    mutating func noteChange(_ row: Int) {
        if rows[row].isChanged { return }
        rows[row].isChanged = true
        changedCount += 1
    }

    /// Hands out the rows that are not what was last saved; afterwards all are.
    mutating func takeChanges(_ body: (_ key: [UInt8], _ contribution: borrowing Contribution) -> Void) {
        if changedCount == 0 { return }
        for row in rows.indices where rows[row].isChanged {
            rows[row].isChanged = false
            body(rows[row].key, rows[row].contribution)
        }
        changedCount = 0
    }

    /// The row of `key`, or nil.
    func find(_ key: RawSpan, hash: UInt64) -> Int? {
        guard let slot = slot(of: key, hash: hash) else { return nil }
        return Int(slots[slot]) - 1
    }

    /// Adds an empty contribution for `key`, which must not be there, and returns its row.
    mutating func insert(_ key: RawSpan, hash: UInt64) -> Int {
        if (rows.count + 1) * 2 > slots.count { grow() }
        rows.append(Row(hash: hash, key: key.copied(), contribution: Contribution()))
        place(row: rows.count - 1)
        return rows.count - 1
    }

    /// Takes out `key` and returns its contribution.
    mutating func remove(_ key: RawSpan, hash: UInt64) -> Contribution? {
        guard let slot = slot(of: key, hash: hash) else { return nil }
        let row = Int(slots[slot]) - 1
        close(slot)
        let last = rows.count - 1
        if row != last {
            slots[self.slot(ofRow: last)] = UInt32(row + 1)
            rows.swapAt(row, last)
        }
        let removed = rows.removeLast()
        if removed.isChanged { changedCount -= 1 }
        return removed.contribution
    }

    subscript(row: Int) -> Contribution {
        _read { yield rows[row].contribution }
        _modify { yield &rows[row].contribution }
    }

    private func slot(of key: RawSpan, hash: UInt64) -> Int? {
        var at = Int(truncatingIfNeeded: hash) & mask
        while slots[at] != 0 {
            let row = Int(slots[at]) - 1
            if rows[row].hash == hash, key.equals(rows[row].key) { return at }
            at = (at + 1) & mask
        }
        return nil
    }

    private func slot(ofRow row: Int) -> Int {
        var at = Int(truncatingIfNeeded: rows[row].hash) & mask
        while slots[at] != UInt32(row + 1) { at = (at + 1) & mask }
        return at
    }

    private mutating func place(row: Int) {
        var at = Int(truncatingIfNeeded: rows[row].hash) & mask
        while slots[at] != 0 { at = (at + 1) & mask }
        slots[at] = UInt32(row + 1)
    }

    /// Empties a slot and moves later ones of the same run up, so that no search stops at the hole.
    private mutating func close(_ slot: Int) {
        var hole = slot
        var at = (slot + 1) & mask
        while slots[at] != 0 {
            let wanted = Int(truncatingIfNeeded: rows[Int(slots[at]) - 1].hash) & mask
            if (at - wanted) & mask >= (at - hole) & mask {
                slots[hole] = slots[at]
                hole = at
            }
            at = (at + 1) & mask
        }
        slots[hole] = 0
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        mask = slots.count - 1
        for row in rows.indices { place(row: row) }
    }
}
