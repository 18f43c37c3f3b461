import Contracts

/// Updates of windows that are not open yet, in the order they came.
///
/// They wait until the window before has closed, so that its sums do not depend on who came first. Only
/// times within the allowed lateness of the newest can be here, so the rate bounds the number. Slots are
/// reused with their storage.
struct EarlyUpdates: Sendable {
    struct Entry: Sendable {
        var hash: UInt64 = 0
        var customer: [UInt8] = []
        var time: EventTime = 0
        var contribution = Contribution()
    }

    private var entries: [Entry] = []
    private(set) var count = 0

    /// The earliest time of all.
    var earliest: EventTime? {
        var earliest: EventTime?
        for i in 0..<count { earliest = min(earliest ?? .max, entries[i].time) }
        return earliest
    }

    mutating func append(_ customer: RawSpan, hash: UInt64, _ update: borrowing VectorUpdate) {
        if count == entries.count { entries.append(Entry()) }
        entries[count].hash = hash
        entries[count].customer.removeAll(keepingCapacity: true)
        for i in 0..<customer.byteCount {
            entries[count].customer.append(customer.unsafeLoad(fromByteOffset: i, as: UInt8.self))
        }
        entries[count].time = WindowGrid.clamp(update.time)
        entries[count].contribution.refill(from: update)
        count += 1
    }

    /// Hands out the updates before `end` and keeps the others, both in the order they came.
    mutating func take(before end: EventTime, _ body: (borrowing Entry) -> Void) {
        var kept = 0
        for i in 0..<count {
            if entries[i].time < end {
                body(entries[i])
            } else {
                entries.swapAt(kept, i)
                kept += 1
            }
        }
        count = kept
    }

    /// Drops the updates of one customer.
    mutating func drop(_ customer: RawSpan, hash: UInt64) {
        var kept = 0
        for i in 0..<count where !(entries[i].hash == hash && customer.equals(entries[i].customer)) {
            entries.swapAt(kept, i)
            kept += 1
        }
        count = kept
    }
}

/// As bytes.
extension EarlyUpdates {
    func encode(into state: inout StateWriter) {
        state.write(UInt64(count))
        for entry in entries[..<count] {
            state.write(entry.customer.span.bytes)
            state.write(entry.time)
            entry.contribution.encode(into: &state)
        }
    }

    init(_ reader: inout StateReader) throws(StateFailure) {
        for _ in 0..<(try reader.count(limit: .max, "updates")) {
            var entry = Entry()
            entry.customer = try reader.readBytes()
            entry.hash = ByteHash.hash(entry.customer.span.bytes)
            entry.time = try reader.read()
            entry.contribution = try Contribution(&reader)
            entries.append(entry)
        }
        count = entries.count
    }
}
