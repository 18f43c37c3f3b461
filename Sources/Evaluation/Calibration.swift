/// How confidence compares with how often the top class is right, over events sorted by confidence.
///
/// Bins hold equally many events. Events of equal confidence are never torn apart, because which of them were
/// right would then depend on their order: all go to the bin that holds their middle. So a predictor that is
/// always equally confident has one bin.
///
/// Sources: Naeini, Cooper, Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian Binning"
/// (2015) for the expected calibration error; Nguyen and O'Connor, "Posterior calibration and exploratory
/// analysis" (2015) for bins of equal mass.
public struct Calibration: Sendable {
    /// Events of similar confidence.
    public struct Bin: Sendable, Equatable {
        /// How many events.
        public var events: Double
        /// The mean of their confidence.
        public var confidence: Double
        /// The part of them whose top class was right.
        public var accuracy: Double
    }

    /// How many bins there are at most.
    public static let binCount = 15

    private let customers: [Int32]
    private let confidences: [Float]
    private let hits: [Float]
    private let eventsPerCustomer: [Int32]

    /// Sorts the scores of the events that are in `scope`. Numbers of customers are under `customerCount`.
    init(_ events: [ScoredEvent], _ scores: [Score], scope: Scope, customerCount: Int) {
        let places = events.indices.filter { events[$0].isIn(scope) }
            .sorted { (scores[$0].confidence, $0) < (scores[$1].confidence, $1) }
        customers = places.map { events[$0].customer }
        confidences = places.map { scores[$0].confidence }
        hits = places.map { scores[$0].isHit ? 1 : 0 }
        var counts = [Int32](repeating: 0, count: customerCount)
        for customer in customers { counts[Int(customer)] += 1 }
        eventsPerCustomer = counts
    }

    /// The bins that hold something, by rising confidence.
    func bins() -> [Bin] { bins(weights: [Int32](repeating: 1, count: eventsPerCustomer.count)) }

    /// The same with each customer's events as often as its weight says.
    func bins(weights: [Int32]) -> [Bin] {
        sums(weights).filter { $0[0] > 0 }
            .map { Bin(events: $0[0], confidence: $0[1] / $0[0], accuracy: $0[2] / $0[0]) }
    }

    /// The expected calibration error: the mean, over events, of their bin's difference between confidence and
    /// accuracy. Nil without events.
    func error(weights: [Int32]) -> Double? {
        let bins = sums(weights)
        let total = bins.reduce(0) { $0 + $1[0] }
        return total > 0 ? bins.reduce(0) { $0 + abs($1[1] - $1[2]) } / total : nil
    }

    /// Per bin: events, sum of confidences, hits.
    private func sums(_ weights: [Int32]) -> [SIMD4<Double>] {
        var total = 0
        for (customer, count) in eventsPerCustomer.enumerated() {
            total += Int(weights[customer]) * Int(count)
        }
        var bins = [SIMD4<Double>](repeating: .zero, count: Self.binCount)
        let perMass = Double(Self.binCount) / Double(max(1, total))
        var group = SIMD4<Double>.zero
        var groupConfidence: Float = -1
        var before = 0.0
        for i in customers.indices {
            let weight = weights[Int(customers[i])]
            if weight == 0 { continue }
            if confidences[i] != groupConfidence {
                Self.put(group, before, perMass, into: &bins)
                before += group[0]
                group = .zero
                groupConfidence = confidences[i]
            }
            let mass = Double(weight)
            group += SIMD4(mass, mass * Double(confidences[i]), mass * Double(hits[i]), 0)
        }
        Self.put(group, before, perMass, into: &bins)
        return bins
    }

    @inline(__always)
    private static func put(
        _ group: SIMD4<Double>, _ before: Double, _ perMass: Double, into bins: inout [SIMD4<Double>]
    ) {
        bins[min(binCount - 1, Int((before + group[0] / 2) * perMass))] += group
    }
}
