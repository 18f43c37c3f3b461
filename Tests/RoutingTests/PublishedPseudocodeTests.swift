import Contracts
import Routing
import Testing

/// The pseudocode that was published, run as it stands (with Python's dictionaries and doubles) over these cases: the
/// static partition, the affinity vector, the partition it returned of a, b, c, d, e and f.
@Suite struct PublishedPseudocodeTests {
    struct Golden: Sendable, CustomTestStringConvertible {
        var home: String?
        var affinity: [String: Double]
        var optimal: String

        init(_ home: String?, _ affinity: [String: Double], _ optimal: String) {
            self.home = home
            self.affinity = affinity
            self.optimal = optimal
        }

        var testDescription: String { "\(home ?? "no home") \(affinity.sorted { $0.key < $1.key })" }
    }

    static let cases = [
        Golden("a", ["a": 1.0], "a"),
        Golden("c", ["a": 1.0], "a"),
        Golden("a", ["c": 1.0], "a"),
        Golden("f", ["e": 1.0], "e"),
        Golden("e", ["f": 1.0], "e"),
        Golden("b", ["a": 0.9999, "f": 0.0001], "b"),
        Golden("d", ["a": 0.5, "b": 0.5], "d"),
        Golden("d", [:], "d"),
        Golden("f", ["a": 0.6, "f": 0.4], "f"),
        Golden("c", ["b": 0.9999, "c": 0.0001], "c"),
        Golden(nil, ["b": 0.25, "c": 0.25, "e": 0.5], "e"),
        Golden(nil, ["b": 0.5, "d": 0.5], "b"),
        Golden(nil, ["d": 0.3333, "e": 0.3333, "f": 0.3334], "f"),
        Golden(nil, [:], "a"),
        Golden("e", ["b": 0.5, "d": 0.5], "e"),
        Golden("b", ["e": 1.0], "b"),
        Golden("d", ["a": 1.0], "a"),
        Golden("f", ["c": 0.6343, "f": 0.3657], "f"),
        Golden("e", ["d": 0.25, "e": 0.25, "f": 0.5], "e"),
        Golden("a", ["b": 0.5, "e": 0.5], "a"),
        Golden("c", ["c": 0.0633, "d": 0.1867, "f": 0.75], "c"),
        Golden("d", ["b": 1.0], "b"),
        Golden("d", ["d": 1.0], "d"),
        Golden("a", ["b": 0.25, "c": 0.75], "a"),
        Golden("e", ["e": 1.0], "e"),
        Golden("c", ["d": 0.25, "f": 0.75], "c"),
        Golden("f", ["a": 0.0072, "c": 0.0531, "e": 0.4397, "f": 0.5], "f"),
        Golden(nil, ["a": 0.5, "b": 0.25, "f": 0.25], "a"),
        Golden("d", ["b": 0.25, "d": 0.25, "f": 0.5], "d"),
        Golden("b", ["c": 0.25, "d": 0.5, "e": 0.25], "b"),
        Golden("b", ["b": 1.0], "b"),
        Golden(nil, ["b": 0.25, "f": 0.75], "f"),
        Golden(nil, ["b": 0.2056, "c": 0.2944, "e": 0.5], "e"),
        Golden("b", ["b": 0.2111, "c": 0.0389, "d": 0.75], "b"),
        Golden("d", ["b": 1.0], "b"),
        Golden("a", ["c": 1.0], "a"),
        Golden("b", ["e": 1.0], "b"),
        Golden("a", ["c": 0.25, "e": 0.5, "f": 0.25], "a"),
        Golden("c", ["b": 0.4387, "d": 0.1674, "e": 0.3113, "f": 0.0826], "c"),
        Golden(nil, ["a": 0.2599, "b": 0.2401, "d": 0.5], "d"),
    ]

    @Test(arguments: cases) func `the default gives what the published pseudocode gives, ties too`(
        golden: Golden
    ) throws {
        let fixture = try RoutingFixture(["a", "b", "c", "d", "e", "f"])
        // A customer without a home is one that is not known: its vector cannot be there either, so the pseudocode's
        // static term is left out by a weight of 0.
        var weights = RoutingWeights()
        if golden.home == nil { weights.home = 0 }
        try fixture.vector("c-1", home: golden.home ?? "a", share: golden.affinity)
        let decision = fixture.decide("c-1", weights: weights)
        #expect(fixture.name(decision.partition) == golden.optimal)
    }
}
