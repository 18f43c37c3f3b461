import Affinity
import Contracts
import Testing

@Suite struct ForgetTests {
    @Test func aForgottenCustomerIsUnknown() {
        let bench = Bench()
        #expect(!bench.forget("ann"))
        bench.visit(at: 1_000, 2)
        #expect(bench.prediction() != nil)
        #expect(bench.forget("ann"))
        #expect(bench.prediction() == nil)
        #expect(!bench.forget("ann"))
        #expect(bench.engine.counters.customers == 0)
    }

    @Test func aCustomerThatReturnsAfterBeingForgottenIsNew() throws {
        let bench = Bench()
        for i in 0..<20 { bench.visit(at: Int64(i) * hour, 2) }
        #expect(bench.forget("ann"))
        bench.visit(at: 21 * hour, 1)
        let change = try #require(bench.published.last?.change)
        #expect(change.sequence == 1)
        #expect(!change.hasBefore)
        #expect(change.home == 1)
        #expect(change.stage == .new)
        #expect(change.after.high.isEmpty || change.after.high == [1])
    }

    @Test func aPlaceUsedAgainHasNoMemory() {
        let fresh = Bench()
        let used = Bench()
        for i in 0..<30 {
            fresh.visit("bob", at: Int64(i), PartitionIndex(i % 4))
            used.visit("ann", at: Int64(i), PartitionIndex(i % 4))
        }
        #expect(fresh.forget("bob"))
        #expect(used.forget("ann"))
        used.visit("ann", at: 100, 3)
        fresh.visit("ann", at: 100, 3)
        #expect(used.prediction() == fresh.prediction())
    }

    @Test(arguments: [9, 10] as [UInt64])
    func forgettingLeavesTheOthersAsTheyWere(seed: UInt64) {
        var chance = Chance(seed: seed)
        let bench = Bench()
        var known = Set<Int>()
        for step in 0..<6_000 {
            let who = Int.random(in: 0..<400, using: &chance)
            if Int.random(in: 0..<3, using: &chance) == 0 {
                #expect(bench.forget("c\(who)") == (known.remove(who) != nil))
            } else {
                bench.visit("c\(who)", at: Int64(step) * 20_000, PartitionIndex(who % 4))
                known.insert(who)
            }
        }
        #expect(bench.engine.counters.customers == Int64(known.count))
        for who in 0..<400 {
            let top = bench.prediction("c\(who)").flatMap { p in
                p.next.indices.max { p.next[$0] < p.next[$1] }
            }
            #expect(top == (known.contains(who) ? who % 4 : nil))
        }
    }

    @Test func memoryOfForgottenCustomersIsUsedAgain() {
        let bench = Bench()
        for i in 0..<200 { bench.visit("c\(i)", at: 1_000, 1) }
        let bytes = bench.engine.bytesPerCustomer
        for round in 1..<20 {
            for i in 0..<200 {
                #expect(bench.forget("c\((round - 1) * 200 + i)"))
                bench.visit("c\(round * 200 + i)", at: 1_000, 1)
            }
        }
        #expect(bench.engine.bytesPerCustomer <= bytes + 64)
    }
}
