import Contracts

extension AffinityEngine {
    /// Where the customer is about to be accessed: a probability per partition, before any is dropped or
    /// rounded.
    public struct Prediction: Sendable, Equatable {
        /// Probability of the very next access; sums to 1 but for rounding.
        public var next: [Double]
        /// Discounted share of the coming accesses; sums to 1 but for rounding.
        public var share: [Double]
    }

    /// What the engine predicts of the customer now; nil if it is unknown. For evaluation: it allocates.
    public func predict(customer key: RawSpan) -> Prediction? {
        guard let place = table.find(key, hash: ByteHash.hash(key)) else { return nil }
        var next = [Float](repeating: 0, count: partitions)
        var share = next
        experts.blend(customers[place], history, population, next: &next, share: &share)
        return Prediction(next: next.map(Double.init), share: share.map(Double.init))
    }

    /// Bytes of state held per customer, used or not; 0 when there is none.
    ///
    /// Counts the capacity of every array, without the few bytes the allocator adds to each. Memory freed by
    /// forgotten customers is kept for new ones, and so is counted too.
    public var bytesPerCustomer: Int {
        if table.count == 0 { return 0 }
        let records = customers.capacity * MemoryLayout<Customer>.stride
        let shared = population.bytes + blend.bytes + wheel.bytes + due.bytes
        return (table.bytes + history.bytes + records + published.bytes + shared) / table.count
    }
}
