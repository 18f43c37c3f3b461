import Contracts

/// Customers whose alarm went off at a boundary, waiting to be looked at in order.
struct DueList {
    private var entries: [(place: UInt32, at: EventTime)] = []
    private var head = 0

    /// Bytes held, used or not.
    var bytes: Int { entries.capacity * MemoryLayout<(UInt32, EventTime)>.stride }

    /// Whether no customer waits.
    var isEmpty: Bool { head == entries.count }

    /// Adds the customers of one boundary in the order of their bytes, which neither the table's layout nor
    /// the order in which customers came can change.
    mutating func append(_ places: [Int], at boundary: EventTime, _ table: borrowing CustomerTable) {
        let first = entries.count
        for place in places { entries.append((UInt32(place), boundary)) }
        Self.sort(&entries, from: first, table)
    }

    /// The next customer, or nil.
    mutating func popFirst() -> (place: Int, at: EventTime)? {
        if head == entries.count {
            entries.removeAll(keepingCapacity: true)
            head = 0
            return nil
        }
        head += 1
        return (Int(entries[head - 1].place), entries[head - 1].at)
    }

    private static func sort(
        _ entries: inout [(place: UInt32, at: EventTime)], from first: Int, _ table: borrowing CustomerTable
    ) {
        entries[first...].sort { KeyOrder.precedes(table.key(Int($0.place)), table.key(Int($1.place))) }
    }
}
