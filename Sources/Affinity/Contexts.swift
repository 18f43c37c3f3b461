import Contracts

/// The contexts in which what followed a customer's access is counted for all customers, as hashes.
struct Contexts {
    /// The last partition.
    var transition: UInt64
    /// The last two.
    var second: UInt64
    /// The last partition, region and domain.
    var place: UInt64
    /// The last partition and kind.
    var kind: UInt64
    /// The last partition, kind, region and domain, and whether the run there is 1, 2 or longer.
    var context: UInt64
    /// The home and the last partition.
    var home: UInt64

    @inline(__always)
    init(_ customer: borrowing Customer) {
        let last = UInt64(customer.last)
        let second = customer.accesses > 1 ? UInt64(customer.second) + 1 : 0
        let detail = UInt64(customer.kind) << 32 | UInt64(customer.place)
        transition = Self.hash(last | 1 << 60)
        self.second = Self.hash(last | second << 16 | 2 << 60)
        place = Self.hash(last | UInt64(customer.place) << 16 | 3 << 60)
        kind = Self.hash(last | UInt64(customer.kind) << 16 | 4 << 60)
        context = Self.hash(detail ^ Self.hash(last | UInt64(min(3, customer.run)) << 16 | 5 << 60))
        home = Self.hash(last | UInt64(customer.home) << 16 | 6 << 60)
    }

    /// The row of the customer's own counts in its last kind, region and domain. Two of them may share one.
    @inline(__always)
    static func row(_ customer: borrowing Customer) -> UInt16 {
        let detail = UInt64(customer.kind) << 32 | UInt64(customer.place)
        return UInt16(truncatingIfNeeded: hash(detail ^ UInt64(customer.last) << 20))
    }

    /// MurmurHash3's final mix; 0 is no hash of a context.
    @inline(__always)
    private static func hash(_ value: UInt64) -> UInt64 {
        var h = value
        h ^= h >> 33
        h = h &* 0xff51_afd7_ed55_8ccd
        h ^= h >> 33
        h = h &* 0xc4ce_b9fe_1a85_ec53
        h ^= h >> 33
        return h == 0 ? 1 : h
    }
}

/// The population's rows of a customer's contexts; `ContextRows.empty` for those that are not known.
struct ContextPlaces {
    var transition: Int
    var second: Int
    var place: Int
    var kind: Int
    var context: Int
    var home: Int

    @inline(__always)
    init(_ contexts: Contexts, _ rows: borrowing ContextRows) {
        transition = rows.find(contexts.transition)
        second = rows.find(contexts.second)
        place = rows.find(contexts.place)
        kind = rows.find(contexts.kind)
        context = rows.find(contexts.context)
        home = rows.find(contexts.home)
    }
}

extension ContextRows {
    /// Counts what followed in each of the contexts.
    @inline(__always)
    mutating func count(_ contexts: Contexts, _ places: ContextPlaces, _ partition: PartitionIndex) {
        count(contexts.transition, row: places.transition, partition)
        count(contexts.second, row: places.second, partition)
        count(contexts.place, row: places.place, partition)
        count(contexts.kind, row: places.kind, partition)
        count(contexts.context, row: places.context, partition)
        count(contexts.home, row: places.home, partition)
    }
}
