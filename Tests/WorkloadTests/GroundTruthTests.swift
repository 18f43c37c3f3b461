import Contracts
import Testing

@testable import Workload

@Suite struct GroundTruthTests {
    private static let day: EventTime = 86_400_000

    /// Of the customers of each home that were seen in a span, the part of those with at least three accesses
    /// that came mostly from `target`.
    private func recount(
        _ events: [TraceEvent], homes: [String: String], home: String, target: String, span: Range<EventTime>
    ) -> Double {
        var all: [String: (hits: Int, sum: Int)] = [:]
        for event in events where span.contains(event.time) && homes[event.customer] == home {
            all[event.customer, default: (0, 0)].hits += event.region == target ? 1 : 0
            all[event.customer, default: (0, 0)].sum += 1
        }
        let enough = all.values.filter { $0.sum >= 3 }
        return Double(enough.filter { 2 * $0.hits > $0.sum }.count) / Double(max(1, enough.count))
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func theEventsShowTheLaunches(seed: UInt64) throws {
        var configuration = configuration(seed: seed, customers: 1_500, days: 28)
        configuration.travellerShare = 0
        configuration.churnShare = 0
        let generator = try Generator(configuration)
        let homes = Dictionary(uniqueKeysWithValues: generator.homes.map { ($0.customer, $0.home) })
        let truth = generator.truth
        let events = generator.map { $0 }
        let launches = truth.pairs.filter { $0.onset != nil }
        #expect(launches.count == 3, "seed \(seed)")
        for launch in launches {
            let onset = try #require(launch.onset)
            let before = recount(
                events, homes: homes, home: launch.home, target: launch.target,
                span: onset - 5 * Self.day..<onset)
            let after = recount(
                events, homes: homes, home: launch.home, target: launch.target,
                span: configuration.end - 4 * Self.day..<configuration.end)
            let share = Double(launch.finalShareMilli) / 1_000
            #expect(before < 0.03, "seed \(seed), \(launch.home)")
            #expect(abs(after - share) < 0.08, "seed \(seed), \(launch.home)")
            #expect(abs(share - Double(launch.launchMilli) / 1_000) < 0.1, "seed \(seed), \(launch.home)")
        }
    }

    @Test func moversAreCounted() throws {
        var configuration = configuration(seed: 21, customers: 5_000, days: 20)
        configuration.moverShare = 0.2
        configuration.churnShare = 0
        configuration.launches = []
        let truth = try Generator(configuration).truth
        let movers = truth.pairs.reduce(0) { $0 + $1.movers }
        #expect(abs(Double(movers) / 5_000 - 0.2) < 0.02, "seed 21")
        #expect(truth.pairs.allSatisfy { $0.onset == nil && $0.arrivals.count == Int($0.movers) }, "seed 21")
    }

    @Test func aThresholdIsCrossedByTheCustomerThatReachesIt() {
        var pair = GroundTruth.Pair(home: "a", target: "b")
        pair.customers = 10
        pair.arrivals = [100, 200, 300]
        #expect(pair.crossing(ofMilli: 0) == 100)
        #expect(pair.crossing(ofMilli: 100) == 100)
        #expect(pair.crossing(ofMilli: 101) == 200)
        #expect(pair.crossing(ofMilli: 300) == 300)
        #expect(pair.crossing(ofMilli: 301) == nil)
        #expect(pair.shareMilli(at: 99) == 0)
        #expect(pair.shareMilli(at: 200) == 200)
        #expect(pair.finalShareMilli == 300)
    }

    @Test func truthIsWrittenAsJSON() {
        var pair = GroundTruth.Pair(home: "a", target: "b")
        pair.customers = 2
        pair.onset = 50
        pair.launchMilli = 500
        pair.arrivals = [60]
        var out: [UInt8] = []
        GroundTruth(seed: 7, start: 0, end: 99, pairs: [pair]).encode(
            thresholdsMilli: [500, 501], into: &out)
        #expect(
            String(decoding: out, as: UTF8.self)
                == #"{"seed":"7","start":0,"end":99,"pairs":[{"home":"a","target":"b","customers":2,"#
                + #""onset":50,"launchMilli":500,"movers":0,"arrivals":1,"finalShareMilli":500,"crossings":"#
                + #"[{"thresholdMilli":500,"time":60},{"thresholdMilli":501}]}]}"#)
    }
}

@Suite struct TruthScoreTests {
    private static let hour: EventTime = 3_600_000

    /// One launch from a to b at 100 h, one pair whose movers alone reach the threshold, and one below it.
    private let truth: GroundTruth = {
        var launch = GroundTruth.Pair(home: "a", target: "b")
        launch.customers = 4
        launch.onset = 100 * Self.hour
        launch.launchMilli = 500
        launch.arrivals = [110 * Self.hour, 120 * Self.hour]
        var moves = GroundTruth.Pair(home: "a", target: "c")
        moves.customers = 4
        moves.movers = 2
        moves.arrivals = [10 * Self.hour, 20 * Self.hour]
        var small = GroundTruth.Pair(home: "b", target: "a")
        small.customers = 10
        small.movers = 1
        small.arrivals = [5 * Self.hour]
        return GroundTruth(seed: 1, start: 0, end: 200 * Self.hour, pairs: [launch, moves, small])
    }()

    private func seen(_ source: String, _ target: String, _ type: CommandType, hour: Int64) -> SeenCommand {
        SeenCommand(source: source, target: target, type: type, windowEnd: hour * Self.hour)
    }

    @Test func risesGetTheirFirstCommandsAfterTheOnset() {
        let score = truth.score(
            [
                seen("a", "b", .provision, hour: 112), seen("a", "b", .activation, hour: 121),
                seen("a/sales", "b/sales", .provision, hour: 105), seen("a", "b", .retirement, hour: 190),
            ], thresholdMilli: 500)
        #expect(score.rises.map(\.target) == ["b", "c"])
        #expect(score.rises[0].onset == 100 * Self.hour)
        #expect(score.rises[0].crossing == 120 * Self.hour)
        #expect(score.rises[0].provisioned == 105 * Self.hour)
        #expect(score.rises[0].activated == 121 * Self.hour)
        #expect(score.rises[0].promoted == nil)
        #expect(score.rises[1].provisioned == nil)
        #expect(score.falseShadows.isEmpty)
    }

    @Test func shadowsWithoutATrueRiseAreFalse() {
        let score = truth.score(
            [
                seen("b", "a", .provision, hour: 60), seen("b", "a", .provision, hour: 50),
                seen("a", "b", .provision, hour: 90), seen("c", "c", .provision, hour: 1),
            ], thresholdMilli: 500)
        #expect(score.falseShadows.map(\.source) == ["c", "b", "a"])
        #expect(score.falseShadows.map(\.isEarly) == [false, false, true])
        #expect(score.falseShadows.map(\.finalShareMilli) == [0, 100, 500])
        #expect(score.rises[0].provisioned == 90 * Self.hour)
    }

    @Test func theScoreReadsAsATable() {
        let score = truth.score([seen("a", "b", .provision, hour: 95)], thresholdMilli: 500)
        #expect(
            score.description == """
                true rises at 50.0%: 2
                rise    final  crossed  provisioned  activated  promoted
                a -> b  50.0%  +20.0 h       -5.0 h      never     never
                a -> c  50.0%  +10.0 h        never      never     never
                false shadows: 1
                shadow  true share  provisioned               why
                a -> b       50.0%    342000000  before the onset

                """)
    }
}
