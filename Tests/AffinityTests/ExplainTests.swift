import Contracts
import Foundation
import Testing

@testable import Affinity

@Suite struct ExplainTests {
    private func bench(_ seed: UInt64, isTimeKnown: Bool = false) -> Bench {
        var configuration = AffinityConfiguration()
        configuration.isTimeKnown = isTimeKnown
        let bench = Bench(configuration, partitions: 6)
        for visit in randomVisits(2_000, partitions: 6, seed: seed) { bench.apply(visit) }
        return bench
    }

    private func explain(_ engine: AffinityEngine, _ customer: String, at time: EventTime? = nil)
        -> Explanation?
    {
        engine.explain(customer: customer.utf8Span.span.bytes, at: time)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `it explains the vectors that are predicted`(seed: UInt64) throws {
        let bench = bench(seed)
        for who in 0..<12 {
            let explained = try #require(explain(bench.engine, "customer \(who)"))
            let predicted = try #require(bench.prediction("customer \(who)"))
            #expect(explained.next == predicted.next)
            #expect(explained.share == predicted.share)
        }
    }

    @Test(arguments: [4, 5] as [UInt64])
    func `what the inputs of the pool add makes up the odds of its top`(seed: UInt64) throws {
        let bench = bench(seed)
        for who in 0..<12 {
            let explained = try #require(explain(bench.engine, "customer \(who)"))
            let second = explained.next[Int(try #require(explained.runnerUp))]
            let pooledSecond = second * (1 - explained.pooled) / (1 - explained.calibrated)
            let odds = log(explained.pooled / pooledSecond)
            let support = explained.opinions.map(\.support).reduce(explained.biasSupport, +)
            #expect(abs(odds - support) < 1e-3, "customer \(who)")
            #expect(odds >= 0)
        }
    }

    @Test(arguments: [6, 7] as [UInt64])
    func `weights of mixtures sum to 1, and the parts of the share to the greatest share`(seed: UInt64) throws
    {
        let bench = bench(seed)
        for who in 0..<12 {
            let explained = try #require(explain(bench.engine, "customer \(who)"))
            #expect(abs(explained.opinions.compactMap(\.weight).reduce(0, +) - 1) < 1e-4)
            #expect(abs(explained.shareOpinions.map(\.weight).reduce(0, +) - 1) < 1e-4)
            let greatest = explained.share[Int(explained.greatestShare)]
            #expect(abs(explained.shareOpinions.map(\.part).reduce(0, +) - greatest) < 1e-4)
            #expect(greatest == explained.share.max())
        }
    }

    @Test func `the mixture's opinion is the weighted mean of the experts'`() throws {
        let explained = try #require(explain(bench(8).engine, "customer 3"))
        let mean = explained.opinions.reduce(0) { $0 + ($1.weight ?? 0) * $1.ofPoolTop }
        let mixture = try #require(explained.opinions.last)
        #expect(mixture.expert == .mixture)
        #expect(mixture.weight == nil)
        #expect(abs(mixture.ofPoolTop - mean) < 1e-4)
    }

    @Test func `it says what a person would ask of a customer`() throws {
        let bench = Bench(partitions: 4)
        bench.setHome("ann", 2, at: 0)
        for i in 0..<7 { bench.visit("ann", at: EventTime(i) * hour, i < 3 ? 0 : 1) }
        let explained = try #require(explain(bench.engine, "ann"))
        #expect(explained.home == 2)
        #expect(explained.last == 1)
        #expect(explained.lastTime == 6 * hour)
        #expect(explained.accesses == 7)
        #expect(explained.run == 4)
        #expect(explained.stage == .active)
        #expect(explained.mostLikely == 1)
        #expect(explained.model == nil)
    }

    @Test func `a customer with a home and no access is explained too`() throws {
        let bench = Bench(partitions: 4)
        bench.setHome("ann", 2, at: 0)
        let explained = try #require(explain(bench.engine, "ann"))
        #expect(explained.lastTime == nil)
        #expect(explained.accesses == 0)
        #expect(abs(explained.next.reduce(0, +) - 1) < 1e-4)
    }

    @Test func `the expert of the hour speaks only where the time is known`() throws {
        #expect(try #require(explain(bench(9).engine, "customer 1")).opinions.map(\.expert) == experts(false))
        let engine = bench(9, isTimeKnown: true).engine
        #expect(try #require(explain(engine, "customer 1")).opinions.map(\.expert) == experts(false))
        let time: EventTime = 1_700_100_000_000
        #expect(try #require(explain(engine, "customer 1", at: time)).opinions.map(\.expert) == experts(true))
    }

    private func experts(_ isTimeKnown: Bool) -> [Expert] {
        Expert.allCases.filter { $0 != .network && ($0 != .atHour || isTimeKnown) }
    }

    @Test func `an unknown customer is not explained`() {
        #expect(explain(bench(10).engine, "nobody") == nil)
    }

    @Test(arguments: [11, 12] as [UInt64])
    func `who is explained goes on as if it had not been`(seed: UInt64) {
        let (asked, other) = (Bench(partitions: 6), Bench(partitions: 6))
        for visit in randomVisits(600, partitions: 6, seed: seed) {
            _ = explain(asked.engine, visit.customer)
            asked.apply(visit)
            other.apply(visit)
        }
        #expect(asked.published == other.published)
    }

    @Test func `the rows of experts are distributions, and those of who is not there are flat`() throws {
        let bench = bench(13)
        var rows = [Double](repeating: 0, count: Expert.allCases.count * 6)
        let customer = "customer 5"
        let predicted = bench.engine.predict(customer: customer.utf8Span.span.bytes, experts: &rows)
        #expect(predicted == bench.prediction(customer))
        let explained = try #require(explain(bench.engine, customer))
        for opinion in explained.opinions {
            let first = opinion.expert.rawValue * 6
            let row = rows[first..<first + 6]
            #expect(abs(row.reduce(0, +) - 1) < 1e-9)
            #expect(abs(row[first + Int(opinion.top)] - opinion.probability) < 1e-4)
        }
        let network = Expert.network.rawValue * 6
        #expect(rows[network..<network + 6].allSatisfy { abs($0 - 1.0 / 6) < 1e-12 })
    }
}
