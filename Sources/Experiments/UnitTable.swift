/// What one unit's outcomes add up to. 32 bytes.
struct UnitRow: Sendable, Equatable {
    /// The most outcomes that are counted of a unit.
    static let outcomesMax: UInt32 = 1 << 24

    var hash: UInt64
    /// Sum of latencies in microseconds.
    var latency: Int64 = 0
    var outcomes: UInt32 = 0
    var errors: UInt32 = 0
    var remoteReads: UInt32 = 0
    /// Whether its exposure was seen; until then its outcomes wait.
    var isExposed = false
    /// Whether there is a unit here at all.
    var isUsed = false

    mutating func add(latency value: Int64, isError: Bool, isRemote: Bool) {
        latency &+= value
        outcomes &+= 1
        if isError { errors &+= 1 }
        if isRemote { remoteReads &+= 1 }
    }
}

/// Units by the hash of their name: open addressing with linear probing, at most half full.
///
/// The name itself is not kept. Of a million units two have the same hash with a chance of 3 in 100 million, and then
/// count as one.
struct UnitTable: Sendable {
    private var rows: [UnitRow]
    private(set) var count = 0

    init() { rows = Array(repeating: UnitRow(hash: 0), count: 64) }

    /// Adds an outcome to a unit, and returns it as it was before. Nil, and nothing is done, if it has as many as are
    /// counted, or would have to be made and there are `limit` already.
    mutating func add(
        _ hash: UInt64, latency: Int64, isError: Bool, isRemote: Bool, limit: Int
    ) -> UnitRow? {
        guard let place = place(of: hash, limit: limit) else { return nil }
        let before = rows[place]
        if before.outcomes >= UnitRow.outcomesMax { return nil }
        rows[place].add(latency: latency, isError: isError, isRemote: isRemote)
        return before
    }

    /// Notes that a unit is exposed, and returns it as it was before. Nil, and nothing is done, if it would have to
    /// be made and there are `limit` already.
    mutating func expose(_ hash: UInt64, limit: Int) -> UnitRow? {
        guard let place = place(of: hash, limit: limit) else { return nil }
        let before = rows[place]
        rows[place].isExposed = true
        return before
    }

    /// The place of a unit, which is made if there are fewer than `limit`; otherwise nil.
    @inline(__always)
    private mutating func place(of hash: UInt64, limit: Int) -> Int? {
        var at = find(hash)
        if rows[at].isUsed { return at }
        if count >= limit { return nil }
        if (count + 1) * 2 > rows.count {
            grow()
            at = find(hash)
        }
        count += 1
        rows[at].hash = hash
        rows[at].isUsed = true
        return at
    }

    /// Takes a unit out. What comes behind it in the same run moves up, so that no search stops at the hole.
    mutating func remove(_ hash: UInt64) {
        var hole = find(hash)
        if !rows[hole].isUsed { return }
        count -= 1
        let mask = rows.count - 1
        var at = (hole + 1) & mask
        while rows[at].isUsed {
            let wanted = Int(truncatingIfNeeded: rows[at].hash) & mask
            if (at - wanted) & mask >= (at - hole) & mask {
                rows[hole] = rows[at]
                hole = at
            }
            at = (at + 1) & mask
        }
        rows[hole] = UnitRow(hash: 0)
    }

    /// Where a unit is, or where it would be put.
    @inline(__always)
    private func find(_ hash: UInt64) -> Int {
        let mask = rows.count - 1
        var at = Int(truncatingIfNeeded: hash) & mask
        while rows[at].isUsed, rows[at].hash != hash { at = (at + 1) & mask }
        return at
    }

    private mutating func grow() {
        let old = rows
        rows = Array(repeating: UnitRow(hash: 0), count: old.count * 2)
        for row in old where row.isUsed { rows[find(row.hash)] = row }
    }
}
