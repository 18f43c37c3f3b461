import Contracts
import Routing
import Testing

@Suite struct DecisionTests {
    @Test func `a customer without shadow reads and writes at home, wherever it would best be`() throws {
        let fixture = try RoutingFixture(["far", "near"])
        try fixture.vector("c", home: "near", share: ["far": 1])
        let decision = fixture.decide("c")
        #expect(fixture.name(decision.partition) == "far")
        #expect(fixture.name(decision.readFrom) == "near")
        #expect(fixture.name(decision.writeTo) == "near")
        #expect(decision.alsoWriteTo == [])
    }

    @Test func `a customer that is not known belongs where its location says`() throws {
        let fixture = try RoutingFixture(["a", "b"])
        let decision = fixture.decide("nobody", home: "b")
        #expect(!decision.isKnown)
        #expect(fixture.name(decision.partition) == "b")
        #expect(fixture.name(decision.readFrom) == "b")
        #expect(fixture.decide("nobody").home == nil)
    }

    @Test func `an older vector, a late profile and an older command change nothing`() throws {
        let fixture = try RoutingFixture(["a", "b"])
        try fixture.vector("c", home: "b", share: ["b": 1], sequence: 5)
        try fixture.vector("c", home: "a", share: ["a": 1], sequence: 4)
        fixture.view.apply(
            CustomerProfile(home: 0), customer: "c".utf8Span.span.bytes, hash: fixture.hash("c"))
        #expect(fixture.name(fixture.decide("c").readFrom) == "b")
        fixture.shadow("b", "a", .promoted, readShareMilli: 1_000, dualWrite: true, epoch: 7)
        #expect(!fixture.shadow("b", "a", .retired, epoch: 6))
        #expect(fixture.view.openShadows.map(\.phase) == [.promoted])
    }

    @Test func `a customer that was forgotten is not known`() throws {
        let fixture = try RoutingFixture(["a", "b"])
        try fixture.vector("c", home: "b", share: ["a": 0.3, "b": 0.7])
        #expect(fixture.view.mass.mean(home: 1, partition: 0) == 0.3)
        fixture.view.forget("c".utf8Span.span.bytes, hash: fixture.hash("c"))
        #expect(!fixture.decide("c").isKnown)
        #expect(fixture.view.mass == AffinityMass(partitions: 2))
    }

    @Test func `writes of the cohort, and of nobody else, go to both while the command says so`() throws {
        let fixture = try RoutingFixture(["a", "b"])
        try fixture.vector("in", home: "a", share: ["b": 0.7, "a": 0.3], high: ["b"])
        try fixture.vector("out", home: "a", share: ["b": 0.3, "a": 0.7], high: ["a"])
        fixture.shadow("a", "b", .populated, epoch: 1)
        #expect(fixture.decide("in").alsoWriteTo == [])
        fixture.shadow("a", "b", .dualWriting, dualWrite: true, epoch: 2)
        let inside = fixture.decide("in")
        #expect([inside.writeTo] + inside.alsoWriteTo == [0, 1])
        #expect(inside.readFrom == 0)
        #expect(fixture.decide("out").alsoWriteTo == [])
        fixture.shadow("a", "b", .promoted, readShareMilli: 1_000, dualWrite: true, epoch: 3)
        let promoted = fixture.decide("in")
        #expect([promoted.writeTo] + promoted.alsoWriteTo == [1, 0], "the target leads from promotion on")
        #expect(promoted.readFrom == 1)
        fixture.shadow("a", "b", .rollingBack, dualWrite: true, epoch: 4)
        let back = fixture.decide("in")
        #expect([back.writeTo] + back.alsoWriteTo == [0, 1])
        #expect(back.readFrom == 0)
    }

    @Test func `a growing read share moves customers to the shadow, in its proportion, and none back`() throws
    {
        let fixture = try RoutingFixture(["a", "b"])
        let customers = (0..<4_000).map { "c-\($0)" }
        for customer in customers {
            try fixture.vector(customer, home: "a", share: ["b": 0.8, "a": 0.2], high: ["b"])
        }
        var before: Set<String> = []
        for (epoch, share) in [50, 250, 500, 1_000].enumerated() {
            fixture.shadow(
                "a", "b", .ramping, readShareMilli: Int64(share), dualWrite: true, epoch: UInt64(epoch + 1))
            let now = Set(customers.filter { fixture.decide($0).readFrom == 1 })
            #expect(before.isSubset(of: now))
            // Four standard deviations of a binomial around its mean.
            let p = Double(share) / 1_000
            let deviation = (p * (1 - p) * Double(customers.count)).squareRoot()
            #expect(abs(Double(now.count) - p * Double(customers.count)) <= 4 * deviation)
            before = now
        }
        #expect(before.count == customers.count)
    }

    @Test func `the read share's hash is what the contract says`() {
        // The same computed by hand from the contract: FNV-1a over "a>b", a zero byte, "c-1", then the final mix.
        var state: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in Array("a>b".utf8) + [0] + Array("c-1".utf8) {
            state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        state ^= state >> 33
        state = state &* 0xff51_afd7_ed55_8ccd
        state ^= state >> 33
        state = state &* 0xc4ce_b9fe_1a85_ec53
        state ^= state >> 33
        let place = Int64(Double(state) / 18_446_744_073_709_551_616 * 1_000)
        for share in [place, place + 1] {
            let fixture = try? RoutingFixture(["a", "b"])
            fixture?.shadow("a", "b", .ramping, readShareMilli: share, dualWrite: true, epoch: 1)
            #expect(fixture?.view.openShadows[0].reads("c-1".utf8Span.span.bytes) == (share > place))
        }
    }
}
