/// Sums that fade with each event, brought up to date a window at a time.
///
/// The order of events within a window does not matter: what came in it counts as if it had been spread evenly.
struct FadingSums {
    private(set) var values: [Double]
    private let halfLife: Int

    init(_ values: [Double], halfLife: Int) {
        self.values = values
        self.halfLife = halfLife
    }

    /// Adds what `events` events of one window brought, together.
    mutating func add(_ amounts: [Double], events: Int64) {
        if events == 0 { return }
        let left = Double(Decay.halved(times: Double(events) / Double(halfLife)))
        let factor = Double(Decay.factor(halfLife: halfLife))
        // The mean of factor to the power of 0 ..< events.
        let kept = min(1, (1 - left) / (Double(events) * (1 - factor)))
        for i in values.indices { values[i] = values[i] * left + amounts[i] * kept }
    }

    /// Makes one of them the mean of those that are not 0, or 0.
    mutating func set(_ index: Int, isThere: Bool) {
        values[index] = 0
        let others = values.filter { $0 > 0 }
        if isThere { values[index] = others.reduce(0, +) / Double(max(1, others.count)) }
    }

    /// Takes over what was saved.
    mutating func restore(_ values: [Double]) { self.values = values }
}
