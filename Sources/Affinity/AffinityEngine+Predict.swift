public import Contracts

extension AffinityEngine {
    /// Where the customer is about to be accessed: a probability per partition, before any is dropped or
    /// rounded.
    public struct Prediction: Sendable, Equatable {
        /// Probability of the very next access; sums to 1 but for rounding.
        public var next: [Double]
        /// Discounted share of the coming accesses; sums to 1 but for rounding.
        public var share: [Double]
    }

    /// What the engine predicts of the customer now, or at the time of the access that comes if the engine is
    /// one that knows it; nil if the customer is unknown. For evaluation: it allocates.
    public mutating func predict(customer key: RawSpan, at time: EventTime? = nil) -> Prediction? {
        guard let place = table.find(key, hash: ByteHash.hash(key)) else { return nil }
        forecast(place, customers[place], at: isTimeKnown ? time.map { EventClock.clamp($0) } : nil)
        return Prediction(next: blend.next.map(Double.init), share: blend.share.map(Double.init))
    }

    /// Bytes of state held per customer, used or not; 0 when there is none.
    ///
    /// Counts the capacity of every array, without the few bytes the allocator adds to each. Memory freed by
    /// forgotten customers is kept for new ones, and so is counted too.
    public var bytesPerCustomer: Int {
        if table.count == 0 { return 0 }
        let records = customers.capacity * MemoryLayout<Customer>.stride
        let shared = population.bytes + pool.bytes + scratch.bytes + blend.bytes + wheel.bytes + due.bytes
        return
            (table.bytes + history.bytes + records + published.bytes + forecasts.bytes
            + (recurrence?.bytes ?? 0) + shared)
            / table.count
    }
}
