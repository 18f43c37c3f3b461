import Affinity
import Contracts
import Testing

@Suite struct HighTests {
    @Test func aPartitionStaysHighUntilItsShareIsWellBelow() throws {
        let bench = Bench()
        for i in 0..<40 { bench.visit(at: Int64(i), 1) }
        #expect(bench.published.last?.change.after.high == [1])
        var wasBetween = false
        for i in 40..<140 {
            bench.visit(at: Int64(i), 2)
            let share = try #require(bench.prediction()?.share)
            let high = try #require(bench.published.last?.change.after.high)
            if share[1] > 0.401 { #expect(high.contains(1)) }
            if share[1] < 0.399 { #expect(!high.contains(1)) }
            if share[2] < 0.59 { #expect(!high.contains(2)) }
            if share[1] > 0.41, share[1] < 0.59 { wasBetween = true }
        }
        #expect(wasBetween)
        #expect(bench.published.last?.change.after.high == [2])
    }

    @Test(arguments: [15, 16] as [UInt64])
    func everyChangeOfTheHighSetIsPublished(seed: UInt64) {
        var configuration = AffinityConfiguration()
        configuration.publishDistance = 1
        let bench = Bench(configuration, partitions: 3)
        for visit in randomVisits(1_500, partitions: 3, seed: seed) { bench.apply(visit) }
        var changes = 0
        for change in bench.published.map(\.change) {
            #expect(change.after.high == change.after.high.sorted())
            for partition in 0..<3 {
                let (old, new) = (change.before.high, change.after.high)
                let isHigh = new.contains(PartitionIndex(partition))
                let wasHigh = old.contains(PartitionIndex(partition))
                if isHigh != wasHigh { changes += 1 }
                let share = change.after.share[partition]
                #expect(isHigh ? share >= (wasHigh ? 4_000 : 6_000) : share <= (wasHigh ? 4_000 : 6_000))
            }
        }
        #expect(changes > 20)
    }

    @Test func aPartitionNeverVisitedCanBeHigh() {
        let bench = Bench(partitions: 2)
        for i in 0..<3_000 { bench.visit("c\(i)", at: 0, 0) }
        bench.setHome("ann", 1, at: hour)
        bench.visit("bob", at: hour, 0)
        bench.setHome("ann", 0, at: hour)
        #expect(bench.published.last?.change.after.high == [0])
    }
}
