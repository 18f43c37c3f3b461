/// Whether units came to the variants in the shares they were to come in, at any time.
///
/// If not, something is lost on one side, and what is left cannot be compared. The evidence is what the next unit's
/// variant is predicted with, over its share, multiplied up: a martingale that starts at 1 if the shares are right,
/// so it reaches 1,000 with a chance of at most 0.001, ever. The prediction is q(v) in proportion to p(v) r(v),
/// where r(v) = (k p0(v) + units so far) / (k p0(v) + units expected so far). With shares that do not change this
/// is the mixture over a Dirichlet prior with k p0 of Lindon and Malek, "Anytime-valid inference for multinomial
/// count data" (2022); written so, it also takes shares that differ by span.
struct SampleRatio: Sendable, Equatable {
    /// Mismatch is flagged under this p.
    static let threshold = 0.001
    /// How many units the prior weighs: departures of a few hundredths are what is looked for.
    static let strength = 500.0

    private(set) var observed: [Int64]
    private(set) var expected: [Double]
    private let prior: [Double]
    /// Logarithms of the evidence now, and of the most there was.
    private(set) var evidence = 0.0
    private(set) var evidenceMax = 0.0

    init(sharesMilli: [Int64]) {
        observed = Array(repeating: 0, count: sharesMilli.count)
        expected = Array(repeating: 0, count: sharesMilli.count)
        prior = sharesMilli.map { Self.strength * max(0.001, Double($0) / 1_000) }
    }

    /// Takes in a unit of a variant that has a share under these.
    mutating func add(variant: Int, sharesMilli: [Int64]) {
        var total = 0.0
        for other in observed.indices { total += Double(sharesMilli[other]) / 1_000 * ratio(other) }
        evidence += Elementary.ln(ratio(variant) / total)
        evidenceMax = max(evidenceMax, evidence)
        observed[variant] += 1
        for other in expected.indices { expected[other] += Double(sharesMilli[other]) / 1_000 }
    }

    private func ratio(_ variant: Int) -> Double {
        (prior[variant] + Double(observed[variant])) / (prior[variant] + expected[variant])
    }

    /// The chance, at most, of ever having had as much evidence if the shares were right.
    var p: Double { Elementary.exp(-evidenceMax) }
    /// Whether the shares are wrong. It stays so.
    var isMismatch: Bool { p < Self.threshold }
}
