import Contracts
import Routing
import Testing

@Suite struct WeightsTests {
    @Test func `the terms of a score add up to what decides`() throws {
        let fixture = try RoutingFixture(
            ["eu", "us", "ap"], roundTrips: "eu,us,80\neu,ap,160\nus,ap,120\n")
        try fixture.vector("c", home: "eu", share: ["us": 0.6, "ap": 0.3, "eu": 0.1], high: ["us"])
        fixture.shadow("eu", "us", .ramping, readShareMilli: 500, dualWrite: true, epoch: 1)
        for (name, load) in [("eu", 900), ("us", 200), ("ap", 1_200)] {
            fixture.telemetry(name, utilisationMilli: Int64(load))
        }
        var weights = RoutingWeights()
        weights.proximity = 0.25
        weights.load = 0.5
        weights.shadow = 1
        let scores = fixture.scores("c", from: "us", weights: weights)
        #expect(scores[0].home == 0.5 && scores[1].home == 0 && scores[2].home == 0)
        #expect(scores.map(\.affinity) == [0.05, 0.3, 0.15])
        #expect(scores.map(\.proximity) == [0.125, 0.25, 0.0625])
        #expect(scores[0].load < 0.051 && scores[1].load == 0.4 && scores[2].load == 0)
        #expect(scores.map(\.shadow) == [0, 0.5, 0])
        let best = scores.indices.max { scores[$0].score < scores[$1].score }!
        #expect(Int(fixture.decide("c", from: "us", weights: weights).partition) == best)
    }

    @Test func `a loaded shadow gives its readers back to the static partition if load counts`() throws {
        let fixture = try RoutingFixture(["a", "b"])
        try fixture.vector("c", home: "a", share: ["a": 0.4, "b": 0.6], high: ["b"])
        fixture.shadow("a", "b", .promoted, readShareMilli: 1_000, dualWrite: true, epoch: 1)
        var weights = RoutingWeights()
        weights.load = 1
        weights.shadow = 0.5
        fixture.telemetry("a", utilisationMilli: 300)
        fixture.telemetry("b", utilisationMilli: 300)
        #expect(fixture.decide("c", weights: weights).readFrom == 1)
        fixture.telemetry("b", utilisationMilli: 950, time: 2)
        #expect(fixture.decide("c", weights: weights).readFrom == 0)
        #expect(fixture.decide("c").readFrom == 1, "the published weights follow the command")
    }

    @Test func `weights that mean nothing are refused`() {
        var weights = RoutingWeights()
        weights.home = 0
        weights.affinity = 0
        #expect(throws: RoutingWeights.Failure.nothing) { try weights.validate() }
        weights.load = -1
        #expect(throws: RoutingWeights.Failure.outOfRange("load", -1)) { try weights.validate() }
        weights.load = .nan
        #expect(throws: RoutingWeights.Failure.self) { try weights.validate() }
    }

    @Test func `round-trip times that cannot be read are refused with their line`() {
        #expect(throws: RoundTrips.Failure.malformed(line: 2)) {
            try RoundTrips("a,b,3\na,b\n", names: ["a", "b"])
        }
        #expect(throws: RoundTrips.Failure.malformed(line: 1)) {
            try RoundTrips("a,b,-3", names: ["a", "b"])
        }
    }
}
