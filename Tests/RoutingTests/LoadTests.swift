import Contracts
import Glibc
import Routing
import Testing

/// Customers that are as good anywhere: nothing but load and their hash decides.
@Suite struct LoadTests {
    static let anywhere: RoutingWeights = {
        var weights = RoutingWeights()
        weights.tieMargin = 0.05
        return weights
    }()

    private func fixture(_ count: Int) throws -> RoutingFixture {
        try RoutingFixture((0..<count).map { "p-\($0)" })
    }

    /// Ranks 0..<count with probability in proportion to 1 / (rank + 1)^exponent.
    private struct Zipf {
        private var cumulated: [Double] = []
        private var random: SplitMix

        init(count: Int, exponent: Double, seed: UInt64) {
            random = SplitMix(seed)
            var sum = 0.0
            for rank in 1...count {
                sum += Zipf.power(Double(rank), -exponent)
                cumulated.append(sum)
            }
        }

        mutating func next() -> Int {
            let target = random.uniform() * cumulated[cumulated.count - 1]
            var (low, high) = (0, cumulated.count - 1)
            while low < high {
                let middle = (low + high) / 2
                if cumulated[middle] > target { high = middle } else { low = middle + 1 }
            }
            return low
        }

        private static func power(_ x: Double, _ y: Double) -> Double { exp(y * log(x)) }
    }

    @Test(arguments: [3, 8, 64]) func `no partition is given over 1.10 times the mean under Zipf 1.1`(
        count: Int
    ) throws {
        let seed: UInt64 = 11
        let fixture = try fixture(count)
        var zipf = Zipf(count: 20_000, exponent: 1.1, seed: seed)
        var loads = [Int](repeating: 0, count: count)
        let requests = 300_000
        for _ in 0..<requests {
            loads[Int(fixture.decide("c-\(zipf.next())", weights: Self.anywhere).readFrom)] += 1
        }
        let ratio = Double(loads.max()!) / (Double(requests) / Double(count))
        print("seed \(seed), \(count) partitions: max/mean \(ratio)")
        #expect(ratio <= 1.10)
    }

    @Test(arguments: [3, 8, 63])
    func `another partition takes its part of the customers and moves nobody else`(
        count: Int
    ) throws {
        let (before, after) = (try fixture(count), try fixture(count + 1))
        let customers = (0..<50_000).map { "c-\($0)" }
        var (moved, aside) = (0, 0)
        for customer in customers {
            let old = before.decide(customer, weights: Self.anywhere).readFrom
            let new = after.decide(customer, weights: Self.anywhere).readFrom
            if old != new { moved += 1 }
            if old != new, Int(new) != count { aside += 1 }
        }
        let bound = 1.1 / Double(count + 1) * Double(customers.count)
        print("\(count) partitions and one: \(moved) moved, at most \(bound); \(aside) not to the new one")
        #expect(Double(moved) <= bound)
    }

    @Test func `a customer stays where it is while there is room`() throws {
        let fixture = try fixture(8)
        let customers = (0..<2_000).map { "c-\($0)" }
        let first = customers.map { fixture.decide($0, weights: Self.anywhere).readFrom }
        var changes = 0
        for _ in 0..<5 {
            for (customer, place) in zip(customers, first) {
                if fixture.decide(customer, weights: Self.anywhere).readFrom != place { changes += 1 }
            }
        }
        #expect(changes < customers.count * 5 / 10)
    }
}
