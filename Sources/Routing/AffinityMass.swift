internal import Contracts

/// Sums of shares over customers, by home and partition. Integers, so that their order does not matter.
public struct AffinityMass: Sendable, Equatable {
    private let partitions: Int
    /// Customers by home.
    public private(set) var customers: [Int64]
    private var units: [Int64]  // home x partition

    /// No customers.
    public init(partitions: Int) {
        self.partitions = partitions
        customers = Array(repeating: 0, count: partitions)
        units = Array(repeating: 0, count: partitions * partitions)
    }

    /// The mean share, 0 to 1, that the customers of `home` are expected to access from `partition`.
    public func mean(home: Int, partition: Int) -> Double {
        if customers[home] == 0 { return 0 }
        return Double(units[home * partitions + partition]) / Double(customers[home])
            / Double(probabilityOne)
    }

    /// Adds the sums of other customers.
    public mutating func add(_ other: AffinityMass) {
        for place in customers.indices { customers[place] += other.customers[place] }
        for place in units.indices { units[place] += other.units[place] }
    }

    mutating func add(_ state: CustomerState) { change(state, by: 1) }

    mutating func subtract(_ state: CustomerState) { change(state, by: -1) }

    private mutating func change(_ state: CustomerState, by sign: Int64) {
        customers[Int(state.home)] += sign
        for place in 0..<state.list.count {
            let entry = state.list[place]
            units[Int(state.home) * partitions + Int(entry.partition)] += sign * Int64(entry.share)
        }
    }
}
