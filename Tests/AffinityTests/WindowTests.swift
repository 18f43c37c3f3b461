import Affinity
import Contracts
import Testing

@Suite struct WindowTests {
    /// Keeps the first visit of each window, which is published whatever it changed, and each customer's
    /// order.
    private func permuted(_ visits: [Visit], seed: UInt64) -> [Visit] {
        var chance = Chance(seed: seed)
        var result: [Visit] = []
        var rest = visits[...]
        while let first = rest.first {
            let window = first.access.time / hour
            var queues: [String: [Visit]] = [:]
            var order: [String] = []
            for visit in rest.prefix(while: { $0.access.time / hour == window }).dropFirst() {
                queues[visit.customer, default: []].append(visit)
                order.append(visit.customer)
            }
            result.append(first)
            for customer in order.shuffled(using: &chance) {
                if let visit = queues[customer]?.removeFirst() { result.append(visit) }
            }
            rest = rest.dropFirst(order.count + 1)
        }
        return result
    }

    /// Visits of 30 customers, some 20 in each window, none late and none twice.
    private func visits(seed: UInt64) -> [Visit] {
        var time: EventTime = 1_700_000_000_000
        let visits = randomVisits(3_000, partitions: 7, seed: seed, customers: 30)
        return visits.enumerated().map { id, visit in
            var visit = visit
            visit.access.idHash = UInt64(id)
            time += visit.access.time % 400_000
            visit.access.time = time
            return visit
        }
    }

    @Test(arguments: [17, 18, 19] as [UInt64])
    func theOrderOfDifferentCustomersInAWindowDoesNotMatter(seed: UInt64) {
        let visits = visits(seed: seed)
        let other = permuted(visits, seed: seed + 1)
        let isPermuted = other != visits
        #expect(isPermuted)
        let first = Bench(partitions: 7)
        let second = Bench(partitions: 7)
        for visit in visits { first.apply(visit) }
        for visit in other { second.apply(visit) }
        let isOrderTheSame = first.published.map(\.customer) == second.published.map(\.customer)
        #expect(!isOrderTheSame)
        for who in 0..<30 {
            let name = "customer \(who)"
            let isSame = first.changes(of: name) == second.changes(of: name)
            #expect(isSame, "changes of \(name)")
            #expect(first.prediction(name) == second.prediction(name))
        }
    }

    @Test func theFirstAccessOfAWindowIsPublishedWhateverItChanged() {
        let bench = Bench()
        for i in 0..<60 { bench.visit(at: 10 * hour + Int64(i), 2) }
        #expect(bench.visit(at: 10 * hour + 100, 2) == .unchanged)
        #expect(bench.visit(at: 11 * hour, 2) == .changed)
        #expect(bench.visit(at: 11 * hour + 1, 2) == .unchanged)
        #expect(bench.visit(at: 11 * hour - 1, 2) == .unchanged)
        #expect(bench.visit(at: 15 * hour, 2) == .changed)
    }

    @Test func whatOthersDoIsSeenFromTheNextWindowOn() throws {
        let bench = Bench()
        bench.visit("ann", at: 0, 1)
        let before = try #require(bench.prediction())
        for i in 0..<50 { bench.visit("c\(i)", at: 10, 3) }
        #expect(bench.prediction() == before)
        bench.visit("bob", at: hour, 0)
        #expect(try #require(bench.prediction()).next[3] > before.next[3])
    }
}
