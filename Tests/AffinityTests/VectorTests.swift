import Affinity
import Contracts
import Testing

@Suite struct VectorTests {
    @Test(arguments: [1, 2, 3, 24, 100, 1_500], [1, 2] as [UInt64])
    func everyPublishedVectorSumsToOne(partitions: Int, seed: UInt64) {
        let bench = Bench(partitions: partitions)
        for visit in randomVisits(600, partitions: partitions, seed: seed) { bench.apply(visit) }
        #expect(bench.published.count > 50)
        for change in bench.published.map(\.change) {
            #expect(change.after.next.reduce(0) { $0 + Int($1) } == 10_000)
            #expect(change.after.share.reduce(0) { $0 + Int($1) } == 10_000)
            #expect(change.before.next.reduce(0) { $0 + Int($1) } == (change.hasBefore ? 10_000 : 0))
        }
    }

    @Test(arguments: [3, 4] as [UInt64])
    func eachChangeStartsWhereTheLastEnded(seed: UInt64) {
        let bench = Bench(partitions: 6)
        for visit in randomVisits(800, partitions: 6, seed: seed) { bench.apply(visit) }
        for who in 0..<12 {
            let changes = bench.changes(of: "customer \(who)")
            #expect(changes.map(\.sequence) == Array(1...UInt64(changes.count)))
            #expect(changes.first?.hasBefore == false)
            for (older, newer) in zip(changes, changes.dropFirst()) {
                #expect(newer.before == older.after)
                #expect(newer.hasBefore)
            }
        }
    }

    @Test func aVectorThatBarelyMovesIsNotPublished() {
        let bench = Bench()
        for i in 0..<60 { bench.visit(at: 1_000 + Int64(i), 2) }
        let early = bench.published.count
        #expect(early < 15)
        #expect(bench.visit(at: 2_000, 2) == .unchanged)
        #expect(bench.published.count == early)
    }

    @Test func aCustomerWithoutProfileIsAtHomeWhereItFirstCame() {
        let bench = Bench()
        bench.visit(at: 1_000, 2)
        bench.visit(at: 2_000, 1)
        #expect(bench.published.last?.change.home == 2)
    }

    @Test func aProfileIsAlwaysPublishedAndMovesTheHome() throws {
        let bench = Bench()
        #expect(bench.setHome("ann", 3, at: 500) == .changed)
        #expect(bench.setHome("ann", 3, at: 500) == .changed)
        let first = try #require(bench.published.first?.change)
        #expect(first.home == 3)
        #expect(first.after.rateMilli == 0)
        #expect(first.after.next.max() == first.after.next[3])
        bench.visit(at: 1_000, 1)
        #expect(bench.published.last?.change.home == 3)
        bench.setHome("ann", 0, at: 2_000)
        #expect(bench.published.last?.change.home == 0)
    }

    @Test func rateAndVolumeFollowTheRhythm() throws {
        let bench = Bench()
        for i in 0..<40 { bench.visit(at: Int64(i) * hour, 1, bytes: 500) }
        let vector = try #require(bench.published.last?.change.after)
        #expect((23_000...25_000).contains(vector.rateMilli))
        #expect((11_500...12_500).contains(vector.volume))
    }

    @Test func theLastVectorCanBeRepublishedUnchanged() throws {
        let bench = Bench()
        #expect(bench.republish(at: 5_000) == nil)
        bench.visit("ann", at: 1_000, 2)
        bench.visit("bob", at: 2_000, 1)
        let last = try #require(bench.published.last?.change)
        let again = try #require(bench.republish(at: 5_000))
        #expect(again.after == last.after)
        #expect(again.before == last.after)
        #expect(again.sequence == last.sequence + 1)
        #expect(again.time == 5_000)
        #expect(bench.forget("bob"))
        #expect(bench.republish(at: 6_000)?.after == bench.changes(of: "ann").last?.after)
        #expect(bench.forget("ann"))
        #expect(bench.republish(at: 7_000) == nil)
    }
}
