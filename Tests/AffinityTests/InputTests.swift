import Affinity
import Contracts
import Testing

@Suite struct InputTests {
    @Test(arguments: [5, 6] as [UInt64])
    func aDuplicateChangesNothing(seed: UInt64) {
        let bench = Bench(partitions: 5)
        for visit in randomVisits(300, partitions: 5, seed: seed) { bench.apply(visit) }
        let visit = Visit(
            customer: "ann", access: Access(time: 1_900_000_000_000, partition: 1, bytes: 1, idHash: .max))
        bench.apply(visit)
        let before = (bench.engine.counters, bench.published.count, bench.prediction())
        #expect(bench.apply(visit) == .duplicate)
        #expect(bench.engine.counters.duplicates == before.0.duplicates + 1)
        #expect(bench.engine.counters.accesses == before.0.accesses)
        #expect(bench.published.count == before.1)
        #expect(bench.prediction() == before.2)
    }

    @Test func onlyTheLatestIdsAreRemembered() {
        var configuration = AffinityConfiguration()
        configuration.recentIdsMax = 3
        let bench = Bench(configuration)
        func visit(_ id: UInt64) -> Visit {
            Visit(customer: "ann", access: Access(time: 1_000, partition: 1, bytes: 0, idHash: id))
        }
        for id: UInt64 in 1...5 { bench.apply(visit(id)) }
        for id: UInt64 in 3...5 { #expect(bench.apply(visit(id)) == .duplicate) }
        #expect(bench.apply(visit(2)) != .duplicate)
        #expect(bench.apply(visit(3)) != .duplicate)
        #expect(bench.apply(visit(5)) == .duplicate)
    }

    @Test func aLateAccessCountsButDoesNotRewindTime() {
        let bench = Bench()
        bench.visit(at: 10 * day, 1)
        bench.visit(at: 11 * day, 1)
        let before = bench.prediction()
        bench.visit(at: 2 * day, 3)
        #expect(bench.engine.counters.late == 1)
        #expect(bench.engine.counters.accesses == 3)
        #expect(bench.prediction() != before)
        #expect(bench.published.last?.change.time == 11 * day)
        bench.visit(at: 12 * day, 1)
        #expect(bench.engine.counters.late == 1)
    }

    @Test(arguments: [EventTime.min, .max, 0, -1])
    func anyTimeIsTaken(time: EventTime) {
        let bench = Bench()
        bench.visit(at: 1_000, 1)
        bench.visit(at: time, 2)
        bench.visit("bob", at: time, 2)
        bench.visit(at: 1_000, 1, bytes: .max)
        #expect(bench.engine.counters.accesses == 4)
        #expect(bench.published.allSatisfy { $0.change.after.volume >= 0 })
    }

    @Test func customersAreToldApartByAllTheirBytes() {
        let bench = Bench()
        let long = String(repeating: "x", count: 255)
        for name in ["a", "b", "ab", "ba", long, long + "y", "abcdefgh", "abcdefgi"] {
            bench.visit(name, at: 1_000, 1)
        }
        #expect(bench.engine.counters.customers == 8)
    }

    @Test(arguments: [7, 8] as [UInt64])
    func replayGivesTheSameChanges(seed: UInt64) {
        let first = Bench(partitions: 9)
        let second = Bench(partitions: 9)
        for visit in randomVisits(2_000, partitions: 9, seed: seed) { first.apply(visit) }
        for visit in randomVisits(2_000, partitions: 9, seed: seed) { second.apply(visit) }
        let isSame = first.published == second.published
        #expect(isSame)
        #expect(first.engine.counters == second.engine.counters)
    }
}
