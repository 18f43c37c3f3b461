import Contracts

/// The partitions in which one customer's data can be read: one or two.
public struct Copies: Sendable, Equatable {
    /// A copy, and how it came to be.
    struct Copy: Sendable, Equatable {
        var partition: Int32
        /// When its move was ordered; nil for the home a customer starts with.
        var ordered: EventTime?
        /// Whether it was ordered before there was demand: by an access from elsewhere.
        var isAhead = false
        /// Whether anything has been read from it.
        var isUsed = false
    }

    var first: Copy
    var second: Copy?
    let limit: Int

    /// Data at its home alone, of at most `limit` copies.
    init(home: Int32, limit: Int) {
        first = Copy(partition: home)
        self.limit = limit
    }

    /// Whether there is a copy in the partition.
    public func contains(_ partition: Int32) -> Bool {
        first.partition == partition || second?.partition == partition
    }

    /// Which copy has to give way to another one: that of the least value; nil where there is room for one more.
    public func leastValuable(_ value: (Int32) -> Float) -> Int32? {
        guard let second else { return limit > 1 ? nil : first.partition }
        return value(second.partition) < value(first.partition) ? second.partition : first.partition
    }

    /// How many there are.
    var count: Int { second == nil ? 1 : 2 }

    /// Puts a copy in the place of that in `from`, or beside it; gives the one that is gone.
    mutating func place(_ copy: Copy, insteadOf from: Int32?) -> Copy? {
        guard let from else {
            second = copy
            return nil
        }
        if first.partition == from {
            defer { first = copy }
            return first
        }
        defer { second = copy }
        return second
    }
}
