/// Where customers really were over their coming events: what forecasts of the share are scored by.
///
/// Seen from event i of a customer, the share of class k is the discounted sum over that event and all that
/// follow it,
///
///     s(k) = (1 - d) * the sum over j >= 0 of d^j [event i + j is of class k]
///
/// With n events left, s sums to 1 - d^n: the rest lies beyond the trace. Losses are weighted by what is known.
struct RealisedShares {
    private let trace: EvaluationTrace
    private let discount: Double
    /// The place of the same customer's next event; -1 for its last.
    private let following: [Int32]
    /// By class; all 0 between calls.
    private var parts: [Double]
    private var present: [Int] = []

    /// Events that count for less than this part of the first are left out.
    private static let least = 1e-6

    init(_ trace: EvaluationTrace, discount: Double) {
        self.trace = trace
        self.discount = discount
        parts = Array(repeating: 0, count: trace.classes.count)
        var following = [Int32](repeating: -1, count: trace.events.count)
        var next = [Int32](repeating: -1, count: trace.customers.count)
        for i in trace.events.indices.reversed() {
            let customer = Int(trace.events[i].customer)
            following[i] = next[customer]
            next[customer] = Int32(i)
        }
        self.following = following
    }

    /// Calls `body` with each class that comes, from event `index` on, and its share; no class twice.
    mutating func forEach(from index: Int, _ body: (_ class: Int, _ share: Double) -> Void) {
        var at = Int32(index)
        var left = 1.0
        while at >= 0 && left >= Self.least {
            let seen = Int(trace.events[Int(at)].target)
            if parts[seen] == 0 { present.append(seen) }
            parts[seen] += left
            left *= discount
            at = following[Int(at)]
        }
        for seen in present {
            body(seen, (1 - discount) * parts[seen])
            parts[seen] = 0
        }
        present.removeAll(keepingCapacity: true)
    }
}
