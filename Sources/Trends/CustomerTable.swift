import Contracts

/// The contributions by customer, and which of them are not what was last saved.
struct CustomerTable: Sendable {
    private struct Entry: Sendable {
        var contribution = Contribution()
        var isChanged = false
    }

    private var table = KeyTable<Entry>()

    var count: Int { table.count }
    /// How many rows are not what was last saved.
    private(set) var changedCount = 0

    /// Notes that a row is not what was last saved.
    mutating func noteChange(_ row: Int) {
        if table[row].isChanged { return }
        table[row].isChanged = true
        changedCount += 1
    }

    /// Hands out the rows that are not what was last saved; afterwards all are.
    mutating func takeChanges(_ body: (_ key: [UInt8], _ contribution: borrowing Contribution) -> Void) {
        if changedCount == 0 { return }
        for row in 0..<table.count where table[row].isChanged {
            table[row].isChanged = false
            body(table.key(row), table[row].contribution)
        }
        changedCount = 0
    }

    /// The row of `key`, or nil.
    func find(_ key: RawSpan, hash: UInt64) -> Int? { table.find(key, hash: hash) }

    /// Adds an empty contribution for `key`, which must not be there, and returns its row.
    mutating func insert(_ key: RawSpan, hash: UInt64) -> Int { table.insert(key, hash: hash, Entry()) }

    /// Takes out `key` and returns its contribution.
    mutating func remove(_ key: RawSpan, hash: UInt64) -> Contribution? {
        guard let removed = table.remove(key, hash: hash) else { return nil }
        if removed.isChanged { changedCount -= 1 }
        return removed.contribution
    }

    subscript(row: Int) -> Contribution {
        _read { yield table[row].contribution }
        _modify { yield &table[row].contribution }
    }
}
