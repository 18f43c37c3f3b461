import Contracts

/// `next` and `share` of each customer as last published, all in one array.
struct PublishedVectors {
    private var units: [ProbabilityUnits] = []
    private let partitions: Int

    init(partitions: Int) { self.partitions = partitions }

    /// Bytes held, used or not.
    var bytes: Int { units.capacity * MemoryLayout<ProbabilityUnits>.stride }

    /// Makes room for one more customer.
    mutating func append() { units.append(contentsOf: repeatElement(0, count: 2 * partitions)) }

    /// The customer's last published `next`.
    @_lifetime(borrow self)
    func next(_ place: Int) -> Span<ProbabilityUnits> { row(2 * place) }

    /// The customer's last published `share`.
    @_lifetime(borrow self)
    func share(_ place: Int) -> Span<ProbabilityUnits> { row(2 * place + 1) }

    /// Copies the customer's vectors into `vector`.
    func copy(_ place: Int, into vector: inout AffinityVector) {
        Self.copy(next(place), &vector.next, 0)
        Self.copy(share(place), &vector.share, 0)
    }

    /// Keeps `vector` as the customer's last published one.
    mutating func keep(_ vector: borrowing AffinityVector, _ place: Int) {
        Self.copy(vector.next.span, &units, 2 * place * partitions)
        Self.copy(vector.share.span, &units, (2 * place + 1) * partitions)
    }

    /// Makes the customer's vectors all zero.
    mutating func clear(_ place: Int) {
        for i in 2 * place * partitions..<2 * (place + 1) * partitions { units[i] = 0 }
    }

    @_lifetime(borrow self)
    private func row(_ row: Int) -> Span<ProbabilityUnits> {
        units.span.extracting(row * partitions..<(row + 1) * partitions)
    }

    private static func copy(_ from: Span<ProbabilityUnits>, _ to: inout [ProbabilityUnits], _ at: Int) {
        var target = to.mutableSpan
        for k in 0..<from.count { target[at + k] = from[k] }
    }
}
