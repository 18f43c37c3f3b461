/// What was forecast after each event of a trace about its customer's coming accesses.
public struct ForecastTable: Sendable {
    /// How many partitions forecasts are over.
    public let partitions: Int
    private var next: [Float] = []  // event x partition
    private var share: [Float] = []

    /// A table without rows, with room for that many: 8 bytes per event and partition.
    public init(events: Int, partitions: Int) {
        self.partitions = partitions
        next.reserveCapacity(events * partitions)
        share.reserveCapacity(events * partitions)
    }

    /// Adds what is forecast after the event that comes next in the trace: probabilities per partition of the
    /// very next access, and the discounted share of the coming ones. Each must have `partitions` numbers.
    public mutating func add(next: [Double], share: [Double]) {
        precondition(
            next.count == partitions && share.count == partitions, "a forecast is over all partitions")
        for k in 0..<partitions {
            self.next.append(Float(next[k]))
            self.share.append(Float(share[k]))
        }
    }

    /// How many of the coming `horizon` accesses are expected in the partition.
    func accesses(after event: Int, in partition: Int, horizon: Float) -> Float {
        let place = event * partitions + partition
        return next[place] + (horizon - 1) * share[place]
    }
}

/// A copy goes where it is expected to pay, before the demand: as soon as the forecast says so.
///
/// Over a horizon of H accesses a copy in k is expected to save the reads v(k) = next(k) + (H - 1) share(k).
/// The best partition without a copy takes the place of the worst with one when v rises by more than a move
/// costs. That is also the hysteresis: to move back, v must fall by twice as much.
struct ForeshadowPlacement: PlacementPolicy {
    private let forecasts: ForecastTable
    private let horizon: Float
    private let cost: Float

    /// A move costs as much as `cost` remote reads.
    init(_ forecasts: ForecastTable, horizon: Double, cost: Double) {
        self.forecasts = forecasts
        self.horizon = Float(horizon)
        self.cost = Float(cost)
    }

    mutating func learn(_ access: PlacedAccess) {}

    mutating func move(after access: PlacedAccess, _ copies: Copies) -> Move? {
        func value(_ partition: Int32) -> Float {
            forecasts.accesses(after: access.index, in: Int(partition), horizon: horizon)
        }
        var best: (partition: Int32, value: Float)?
        for k in 0..<Int32(forecasts.partitions) where !copies.contains(k) {
            let saved = value(k)
            if saved > best?.value ?? 0 { best = (k, saved) }
        }
        guard let best else { return nil }
        let from = copies.leastValuable(value)
        guard best.value - (from.map(value) ?? 0) > cost else { return nil }
        return Move(to: best.partition, from: from)
    }
}
