import Contracts

/// What one customer adds to the sums of its home.
struct Contribution: Sendable {
    /// What it adds to the flow towards one partition.
    struct Part: Sendable, Equatable {
        var partition: PartitionIndex
        var isHigh: Bool
        /// Bytes per day.
        var volume: Int64
        /// Accesses in thousandths per day.
        var rate: Int64
    }

    /// A customer's expected volume counts up to here, 1 TiB a day, and so do its accesses: the Int64 sums of
    /// eight million customers that all claim more cannot overflow.
    static let volumeLimit: Int64 = 1 << 40

    /// Whether it is in the sums: false until first filled, and while the customer is dormant.
    var counts = false
    var sequence: UInt64 = 0
    var home: PartitionIndex = 0
    var parts: [Part] = []
    /// An access from elsewhere than home, which the update tells of.
    var access: PartitionIndex?

    /// Refills from `update`. Rounds each part's volume down, per customer, so that sums are exact integers.
    mutating func refill(from update: borrowing VectorUpdate) {
        counts = !update.isDormant
        sequence = update.sequence
        home = update.home
        access = update.access == update.home ? nil : update.access
        parts.removeAll(keepingCapacity: true)
        let volume = min(max(update.volume, 0), Self.volumeLimit)
        let rate = min(max(update.rateMilli, 0), Self.volumeLimit)
        for entry in update.shares where entry.share > 0 {
            let bytes = volume * Int64(entry.share) / Int64(probabilityOne)
            let accesses = rate * Int64(entry.share) / Int64(probabilityOne)
            if bytes == 0, accesses == 0 { continue }
            parts.append(Part(partition: entry.partition, isHigh: false, volume: bytes, rate: accesses))
        }
        for partition in update.high {
            if let at = parts.firstIndex(where: { $0.partition == partition }) {
                parts[at].isHigh = true
            } else {
                parts.append(Part(partition: partition, isHigh: true, volume: 0, rate: 0))
            }
        }
    }

    /// Becomes a copy of `other` in the storage it has.
    mutating func refill(from other: borrowing Contribution) {
        counts = other.counts
        sequence = other.sequence
        home = other.home
        access = other.access
        parts.removeAll(keepingCapacity: true)
        for part in other.parts { parts.append(part) }
    }
}

/// As bytes.
extension Contribution {
    func encode(into state: inout StateWriter) {
        state.write(counts)
        state.write(sequence)
        state.write(home)
        state.write(UInt16(parts.count))
        for part in parts {
            state.write(part.partition)
            state.write(part.isHigh)
            state.write(part.volume)
            state.write(part.rate)
        }
        state.write(access != nil)
        state.write(access ?? 0)
    }

    init(_ reader: inout StateReader) throws(StateFailure) {
        counts = try reader.read()
        sequence = try reader.read()
        home = try reader.read()
        for _ in 0..<(try reader.count(limit: Int(PartitionIndex.max), "parts")) {
            parts.append(
                Part(
                    partition: try reader.read(), isHigh: try reader.read(), volume: try reader.read(),
                    rate: try reader.read()))
        }
        let isAccessThere: Bool = try reader.read()
        let partition: PartitionIndex = try reader.read()
        access = isAccessThere ? partition : nil
    }
}
