import Affinity
import Contracts
import Testing

@Suite struct StageTests {
    /// A customer that came once a day, ten times, the last time at the start of day 10.
    private func daily(_ names: [String] = ["ann"]) -> Bench {
        let bench = Bench()
        for i in 1...10 { for name in names { bench.visit(name, at: Int64(i) * day, 1) } }
        return bench
    }

    @Test func aCustomerIsNewUntilItsRhythmIsKnown() {
        let stages = daily().published.map(\.change)
        #expect(stages.first?.stage == .new)
        #expect(stages.first { $0.stage == .active }?.time == 5 * day)
        #expect(stages.last?.stage == .active)
    }

    @Test func silenceTurnsToChurnRiskAndThenToDormancy() {
        let bench = daily()
        let before = bench.published.count
        bench.advance(to: 13 * day)
        #expect(bench.published.count == before)
        bench.advance(to: 200 * day)
        let changes = bench.published.dropFirst(before).map(\.change)
        #expect(changes.map(\.stage) == [.churnRisk, .dormant])
        #expect(changes.map(\.time) == [13 * day + hour, 20 * day + hour])
        #expect(changes[1].after.rateMilli < changes[0].after.rateMilli)
        #expect(changes[0].after.rateMilli < 1_000)
    }

    @Test func anAccessEndsTheSilence() {
        let bench = daily()
        bench.advance(to: 14 * day)
        #expect(bench.published.last?.change.stage == .churnRisk)
        #expect(bench.visit(at: 14 * day, 1) == .changed)
        #expect(bench.published.last?.change.stage == .active)
    }

    @Test func aNewCustomerThatNeverComesBackGoesDormant() {
        let bench = Bench()
        bench.visit(at: 0, 1)
        bench.advance(to: 400 * day)
        #expect(bench.published.map(\.change.stage) == [.new, .dormant])
        #expect(bench.published.last?.change.time == 90 * day + hour)
    }

    @Test func aCustomerThatSpeedsUpIsMissedSooner() {
        let bench = daily()
        for i in 0..<60 { bench.visit(at: 10 * day + Int64(i) * 60_000, 1) }
        bench.advance(to: 12 * day)
        #expect(bench.published.last?.change.stage == .churnRisk)
        #expect(bench.published.last?.change.time == 11 * day + hour)
    }

    @Test(arguments: [11, 12] as [UInt64])
    func customersOfOneBoundaryComeInTheOrderOfTheirBytes(seed: UInt64) {
        var chance = Chance(seed: seed)
        let names = (0..<50).map { "customer \($0)" }
        for order in [names.shuffled(using: &chance), names.shuffled(using: &chance)] {
            let bench = daily(order)
            let before = bench.published.count
            bench.advance(to: 15 * day)
            let due = bench.published.dropFirst(before).map(\.customer)
            #expect(due == names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
        }
    }

    @Test(arguments: [13, 14] as [UInt64])
    func howOftenTimeIsTestedDoesNotMatter(seed: UInt64) {
        let often = Bench()
        let once = Bench()
        var last: EventTime = 0
        for visit in randomVisits(300, partitions: 4, seed: seed) {
            while last > 0, last < visit.access.time {
                often.advance(to: last)
                last += 500_000
            }
            last = visit.access.time
            often.apply(visit)
            once.apply(visit)
        }
        for step in 0..<300 { often.advance(to: last + Int64(step) * day) }
        once.advance(to: last + 299 * day)
        let isSame = often.published == once.published
        #expect(isSame)
        #expect(often.published.contains { $0.change.stage == .dormant })
    }
}
