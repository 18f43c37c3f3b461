import Contracts

/// The accesses of each customer, in order, up to a point in time.
struct Sequences: Sendable {
    /// Places of accesses in the set, customer by customer.
    private(set) var accesses: [Int32] = []
    /// For each customer with two accesses or more, where they are in `accesses`.
    private(set) var customers: [Range<Int32>] = []

    /// The accesses of each customer before the first that is not before `end`.
    init(_ set: TrainingSet, before end: EventTime) {
        let customerCount = (set.records.map { Int($0.customer) }.max() ?? -1) + 1
        var counts = [Int32](repeating: 0, count: customerCount)
        var hasEnded = [Bool](repeating: false, count: customerCount)
        for record in set.records {
            let customer = Int(record.customer)
            if record.time >= end { hasEnded[customer] = true }
            if !hasEnded[customer] { counts[customer] += 1 }
        }
        var starts: [Int32] = []
        var sum: Int32 = 0
        for count in counts {
            starts.append(sum)
            if count > 1 { customers.append(sum..<sum + count) }
            sum += count
        }
        accesses = [Int32](repeating: 0, count: Int(sum))
        var filled = [Int32](repeating: 0, count: customerCount)
        for (i, record) in set.records.enumerated() {
            let customer = Int(record.customer)
            guard filled[customer] < counts[customer] else { continue }
            accesses[Int(starts[customer] + filled[customer])] = Int32(i)
            filled[customer] += 1
        }
    }

    /// How many examples there are.
    var exampleCount: Int { customers.reduce(0) { $0 + $1.count - 1 } }
}

/// One example: the access that goes in and the one that is to be forecast.
struct Example {
    var input: Int32
    var target: Int32
    /// Whether `input` is the customer's first, so that the state before it is 0.
    var isFirst: Bool
}
